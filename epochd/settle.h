/*
 * settle.h - is every object still the file that was resolved?
 *
 * Asked last, before an epoch is sealed.  Times have a grain: a file written
 * twice within it looks unchanged.  So an object that changed within the last
 * two seconds is given time to become old enough, and read again (the rule
 * that git uses for racy entries of its index).
 */
#ifndef EPOCHD_SETTLE_H
#define EPOCHD_SETTLE_H

#include "epochd/layout.h"
#include "epochd/program.h"

/* 0, or -ESTALE with a sentence that names the file which changed. */
int settle(const struct layout *l, struct program *const *programs, size_t count, struct err *e);

#endif
