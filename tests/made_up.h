/*
 * made_up.h - mappings of programs that do not exist, for tests of the store
 *
 * Program number p of a shape is always the same, so that what comes back from
 * a store can be compared with what went in.  Four programs in a row have the
 * same libraries and so the same tables; each has an executable of its own.
 */
#ifndef TESTS_MADE_UP_H
#define TESTS_MADE_UP_H

#include "common/arena.h"
#include "common/mapping.h"

struct shape {
	unsigned programs;
	unsigned libraries; /* that closures are taken from */
	unsigned closure;   /* members of a program, itself included */
	unsigned bindings;  /* of each member */
};

void make_mapping(struct mapping *m, const struct shape *s, unsigned p, struct arena *a);

/* Every field but `object` and the shadows. */
int same_mapping(const struct mapping *a, const struct mapping *b);

#endif
