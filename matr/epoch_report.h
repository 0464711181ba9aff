/*
 * epoch_report.h - an epoch in words, in a table, in JSON
 *
 * Shared by the actions of `matr epoch`; prints on standard output.
 */
#ifndef MATR_EPOCH_REPORT_H
#define MATR_EPOCH_REPORT_H

#include "cache/catalogue.h"
#include "common/out.h"
#include "epochd/engine.h"
#include "epochd/policy.h"

#include <jansson.h>

/* The summary of `epoch begin`: counts, reasons, times, and what does not start (`all`: every program). */
void report_result(const struct epoch_result *r, bool all, const struct out *o);

/* One program and its reason; its name once, where the sentence begins with it. */
void report_failure(const char *before, const struct epoch_failure *f);

/* The same for `epoch begin --check`, which makes no epoch. */
void report_check(const struct epoch_result *r, bool all, const struct out *o);

/* The lines that begin and status have in common. */
void report_epoch(const struct catalogue_epoch *e, const struct out *o);

/* Images of an epoch by layout (enum policy_layout); programs that are switched off. */
struct report_layouts {
	uint64_t count[POLICY_LAYOUTS];
};

int report_count_layouts(struct report_layouts *out, struct catalogue_read *read, uint64_t epoch,
			 struct err *e);
void report_layouts(const struct report_layouts *l);
json_t *report_layouts_json(const struct report_layouts *l);

/* New references; the member names are those of the manual page matr(1). */
json_t *report_epoch_json(const struct catalogue_epoch *e);
json_t *report_result_json(const struct epoch_result *r);
json_t *report_check_json(const struct epoch_result *r);

/* Prints and frees it. */
void report_json(json_t *j);

#endif
