/*
 * stored.h - an epoch of the catalogue as one side of a comparison (compare.h)
 *
 *	struct stored s;
 *	stored_open(&s, store, epoch, &e);
 *	stored_program(&s, path, &arena, &program, &e);
 *	stored_close(&s);
 *
 * Has a snapshot of its own, for what is read from one may go at the next call.  For one
 * thread at a time.
 */
#ifndef EPOCHD_STORED_H
#define EPOCHD_STORED_H

#include "epochd/compare.h"
#include "epochd/exports.h"

struct stored {
	struct catalogue_read *read;
	uint64_t number;
	struct catalogue_epoch epoch; /* in the arena */
	struct arena arena;
	struct catalogue_table table; /* the last that was got */
	struct map objects; /* record -> struct catalogue_object, in the arena */
	struct exports exports; /* lists in the arena */
};

/* -ENOENT: the catalogue has no such epoch (any more). */
int stored_open(struct stored *s, struct store *store, uint64_t epoch, struct err *e);
void stored_close(struct stored *s);

/* The program's side; lists in `a`, strings there and in s.  -ENOENT: the epoch has no such one. */
int stored_program(struct stored *s, const char *path, struct arena *a,
		   struct compare_program *out, struct err *e);

/* The same of a record that was read already. */
int stored_view(struct stored *s, const struct catalogue_program *p, struct arena *a,
		struct compare_program *out, struct err *e);

/* The object behind a record of this epoch; it lives as long as s. */
int stored_object(struct stored *s, uint64_t record, const struct catalogue_object **out,
		  struct err *e);

#endif
