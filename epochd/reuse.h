/*
 * reuse.h - what an epoch may take over from the one before
 *
 * A program's mapping is a function of its closure's files, of ld.so.cache,
 * ld.so.preload, the loader and the processor's level, and of which files are
 * absent from the search paths (guard.h).  Where none of these changed, the
 * mapping is copied instead of computed; where that holds for all programs and
 * no program came or went, there is nothing to do at all.
 *
 * One file that was changed and the objects that need it are all that is
 * resolved anew: each object is looked at once, whoever uses it.
 */
#ifndef EPOCHD_REUSE_H
#define EPOCHD_REUSE_H

#include "cache/catalogue.h"
#include "epochd/program.h"
#include "matr-ld/resolve.h"

struct reuse;

/*
 * Reads the parent epoch.  *out is NULL where nothing can be reused: no
 * parent, or the system, the options or a guarded folder differ.
 */
int reuse_open(struct reuse **out, struct store *s, const struct resolver_system *system,
	       const struct catalogue_epoch *wanted, struct err *e);
void reuse_close(struct reuse *r);

const struct catalogue_epoch *reuse_parent(const struct reuse *r);

/* True where the parent has this program and every file of its closure is as it was. */
bool reuse_unchanged(struct reuse *r, const char *path);

/* True where the parent refused this program for the same reason, in the same words. */
bool reuse_same_refusal(struct reuse *r, const struct mapping *now);

struct reuse_take {
	const char *path;
	struct resolver *resolver; /* parses the objects, for materialising */
	struct tables *tables;
	struct program *program;
};

/*
 * Takes an unchanged program, as program_take would.  False: it is not
 * unchanged, or its record cannot be read; it is left to the resolver.  From
 * any thread.
 */
bool reuse_program(struct reuse *r, const struct reuse_take *take);

#endif
