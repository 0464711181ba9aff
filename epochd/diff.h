/*
 * diff.h - two epochs of a store: programs, libraries, and what is bound otherwise
 *
 * Any two epochs that are kept, in any order.  Programs whose records name the same objects and
 * tables are equal; the others are compared as the report of `matr epoch begin` does (compare.h),
 * so for two neighbouring epochs the findings are those of the report.
 */
#ifndef EPOCHD_DIFF_H
#define EPOCHD_DIFF_H

#include "epochd/stored.h"

/* A library at one path.  NULL, 0: it is not in that epoch. */
struct diff_library {
	const char *path;
	const struct catalogue_object *old, *now;
};

struct diff {
	const char **added, **removed; /* programs, in the order of their paths */
	size_t added_count, removed_count;
	size_t changed_count;          /* programs that are bound to other objects, or otherwise */
	struct diff_library *libraries; /* of other content, new or gone; in order of paths */
	size_t library_count;
	struct catalogue_findings findings; /* against: the first epoch */
	struct arena arena; /* holds all of the above, but for the objects: */
	struct stored old, now;
};

int diff_epochs(struct diff *d, struct store *s, uint64_t old, uint64_t now, struct err *e);
void diff_release(struct diff *d);

#endif
