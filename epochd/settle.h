/*
 * settle.h - is every object still the file that was resolved?
 *
 * Asked last, before an epoch is sealed.  Times have a grain: a file written
 * twice within it looks unchanged.  So an object that changed within the last
 * two seconds is given time to become old enough, and read again (the rule
 * that git uses for racy entries of its index).  A portable store's grain is the second.
 */
#ifndef EPOCHD_SETTLE_H
#define EPOCHD_SETTLE_H

#include "epochd/making.h"

/* 0, or -ESTALE with a sentence that names the file which changed. */
int settle(const struct making *m, struct err *e);

#endif
