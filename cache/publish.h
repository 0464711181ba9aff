/*
 * publish.h - a whole epoch becomes visible, or none of it
 *
 *	STORE/epochs/N.tmp    while it is written
 *	STORE/epochs/N        sealed: never written again, only unlinked
 *	STORE/current         -> epochs/N
 *
 * Order, with the catalogue's commit in the middle:
 *
 *	publish_begin(&p, s, n, &e);        N.tmp and N.tmp/prog are made
 *	publish_put(p, &file, &e);          small files: one per program, the loader
 *	publish_create(p, &file, &fd, &e);  big ones: `pages`, written by the caller
 *	publish_seal(p, &e);                everything synced; N.tmp becomes N
 *	catalogue_write_commit(w, &e);      now the catalogue knows epoch N
 *	publish_switch(s, n, &e);           now exec uses it
 *
 * After a crash at any point `current` names the old epoch, the new one, or
 * nothing, and whatever it names is whole.  What is left over (N.tmp, a sealed
 * N that the catalogue never heard of, current.tmp) is removed by the next
 * publish_begin().  Files are allocated before they are written, never sparse:
 * a full disk is an error here (-ENOSPC) and never a bus error in a program.
 *
 * All functions need store_lock_exclusive() but for publish_current().
 */
#ifndef CACHE_PUBLISH_H
#define CACHE_PUBLISH_H

#include "cache/store.h"
#include "common/buf.h"

#include <stddef.h>

struct publish;

/* -EEXIST: epoch n is sealed and the catalogue knows it; a number is used once. */
int publish_begin(struct publish **out, struct store *s, uint64_t n, struct err *e);

enum publish_place {
	PUBLISH_EPOCH,	 /* epochs/N/NAME */
	PUBLISH_PROGRAM, /* epochs/N/prog/NAME */
	PUBLISH_LOADER,	 /* loader/NAME: outlives the epoch; one that is there already is kept */
};

struct publish_file {
	enum publish_place place;
	const char *name; /* no slash */
	const void *data; /* publish_put only */
	uint64_t bytes;	  /* exact size of the file */
	int executable;	  /* 1: mode with x */
	int own;	  /* 1: for the owner's eyes only, whatever the store is */
};

/* Makes, allocates and writes one file.  May be called by many threads at once. */
int publish_put(struct publish *p, const struct publish_file *f, struct err *e);

/*
 * Makes and allocates a file of f->bytes bytes for the caller to pwrite() into
 * and close(); never for PUBLISH_LOADER.  The descriptor is the caller's.
 */
int publish_create(struct publish *p, const struct publish_file *f, int *fd, struct err *e);

/*
 * The file of this place and name of the sealed epoch `from`, as a further name of
 * the same file, which is synced already; f->bytes becomes its size, f->data is not used.
 * 1: done; 0: this epoch has that name already.  May be called by many threads at once.
 */
int publish_link(struct publish *p, struct publish_file *f, uint64_t from, struct err *e);

/*
 * Appends a file of a sealed epoch that the engine put there (PUBLISH_EPOCH).
 * -ENOENT where the epoch or the file is gone.
 */
int publish_load(struct store *s, uint64_t n, const char *name, struct buf *out, struct err *e);

/* Syncs and renames; frees p whatever the result is (on failure N.tmp is removed). */
int publish_seal(struct publish *p, struct err *e);

/* Gives up: N.tmp is removed, p freed. */
void publish_abort(struct publish *p);

/* Removes a sealed epoch whose commit failed. */
int publish_discard(struct store *s, uint64_t n, struct err *e);

/* Makes epoch n the current one.  -ENOENT: it is not sealed. */
int publish_switch(struct store *s, uint64_t n, struct err *e);

/* No epoch is current from now on: new processes take the stock path.  0 also when none was. */
int publish_withdraw(struct store *s, struct err *e);

/* -ENOENT: no epoch is current.  -EBADMSG: `current` is not a link of ours. */
int publish_current(struct store *s, uint64_t *n, struct err *e);

/* 1: epochs/n is sealed; 0: it is not. */
int publish_is_sealed(struct store *s, uint64_t n);

#endif
