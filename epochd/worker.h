/*
 * worker.h - programs are resolved by processes that may do nothing else
 *
 * The files that are resolved are anyone's, and reading them is the place where a mistake of ours
 * would be found first.  So it is done by a crew: one process with a thread for each of the
 * engine's, forked when the first program is asked for, in a sandbox (sandbox.h).  In root's
 * shared store it is a user of its own.  It answers as wire.h says, and the engine believes what
 * it can check.
 *
 *	workers_open(&w, &(struct workers_options){.resolver = r}, &e);
 *	workers_resolve(w, &(struct question){.path = path}, &arena, &mapping, &e);   any thread
 *	workers_rest(w);      the crew ends; a further question makes a new one
 *	workers_close(w);
 *
 * When a crew dies, what it was at is asked again, of a new one each, alone: what kills that one
 * too is refused with REASON_WORKER_DIED and a sentence, in a mapping without members but the
 * program itself.  So is what takes too long, at once.  The rest goes on with a new crew.
 *
 * The crew has the engine's memory as it was at the fork, so nothing is read twice that the
 * engine had parsed.  It keeps what it parses, and so does the engine, which reads each file
 * again once a worker has come through it alive.
 *
 * Where no process can be made at all (or the sandbox is only a part of what it should be) the
 * programs are resolved all the same, and workers_note() says so.
 */
#ifndef EPOCHD_WORKER_H
#define EPOCHD_WORKER_H

#include "common/arena.h"
#include "common/err.h"
#include "common/mapping.h"
#include "matr-ld/resolve.h"

#define WORKER_SECONDS 60                  /* for one program, by the clock */
#define WORKER_MEMORY ((uint64_t)4 << 30)  /* bytes, a whole crew; a lone worker has half of it */

struct workers;

struct workers_options {
	struct resolver *resolver; /* stays the caller's; outlives the workers */
	unsigned threads;          /* questions at a time; 0: one per processor */
	bool own_user;             /* not as the caller's user: nothing that only he may read */
	unsigned seconds;          /* 0: WORKER_SECONDS */
	uint64_t memory;           /* 0: WORKER_MEMORY */
};

struct question {
	const char *path;
	unsigned flags; /* RESOLVE_CLOSURE_ONLY or 0 */
};

void workers_open(struct workers **out, const struct workers_options *o);
void workers_close(struct workers *w);
void workers_rest(struct workers *w);

/* As resolve_program. */
int workers_resolve(struct workers *w, const struct question *q, struct arena *a,
		    struct mapping *out, struct err *e);

/* What of the sandbox is missing; NULL: nothing.  Valid until workers_close. */
const char *workers_note(const struct workers *w);

#endif
