/*
 * epoch_preflight_report.h - what changed between two epochs, in words and in JSON
 *
 * Shared by begin, list, show and diff; prints on standard output.
 */
#ifndef MATR_EPOCH_PREFLIGHT_REPORT_H
#define MATR_EPOCH_PREFLIGHT_REPORT_H

#include "common/out.h"
#include "epochd/findings.h"

#include <jansson.h>

/*
 * A heading for each kind of finding, and a line or a few for each.  `all`: everything that is
 * kept, else the weightiest.  Nothing where there is no finding.
 */
void report_findings(const struct catalogue_findings *f, bool all, const struct out *o);

/* The same under a line with the sums, "since epoch 3: 1 program broke"; nothing without an epoch. */
void report_since(const struct catalogue_findings *f, bool all, const struct out *o);

/* The sums alone, without an end of line. */
void report_totals(const struct catalogue_findings *f);

/* {"against", "totals", "dropped", "findings"}; a new reference. */
json_t *report_findings_json(const struct catalogue_findings *f);

/* Only the sums. */
json_t *report_totals_json(const struct catalogue_findings *f);

/* True where a program that started does not, or a call that was bound has nothing to call. */
bool report_broke(const struct catalogue_findings *f);

#endif
