/*
 * resolve.h - the resolver: files in, mapping out
 *
 * Computes for a program what the installed ld.so would compute at start: the
 * closure and the provider of every relocation, by the rules of glibc 2.31 to
 * 2.43 (each rule is named where it is implemented).  Pure: it reads files and
 * returns data; no store, no daemon, nothing printed, nothing executed.
 *
 *	struct resolver *r;
 *	resolver_open(&r, &(struct resolver_options){.root = ""}, &e);
 *	resolve_program(r, "/usr/bin/vim", 0, &arena, &mapping, &e);
 *	...
 *	resolver_close(r);
 *
 * A resolver keeps every object that it has parsed and may be used by many
 * threads at once.  Mappings point into it: close it last.
 */
#ifndef MATR_LD_RESOLVE_H
#define MATR_LD_RESOLVE_H

#include "common/arena.h"
#include "common/err.h"
#include "common/mapping.h"

#include <stdbool.h>

struct resolver;

struct resolver_options {
	const char *root;   /* folder that is taken for /; NULL or "": the system itself */
	unsigned cpu_level; /* x86-64 level 1 to 4 that searches see; 0: this processor's */
	bool require_world_readable; /* refuse programs with objects that not everyone may read */
	bool require_build_ids; /* ... with objects without a build-id where the shim can compare it */
};

/* What a resolver found out about the system it resolves for. */
struct resolver_system {
	const char *root;	 /* "" for the system itself */
	const char *loader_name; /* the path by which it is found (loader_find), not canonical */
	const char *loader_path; /* canonical path of the installed ld.so, root removed */
	struct identity loader;
	unsigned release;   /* glibc 2.N: N; 0: unknown */
	unsigned cpu_level; /* 1 to 4 */
	bool has_cache; /* ld.so.cache exists (a damaged one is as good as none, but counts here) */
	struct identity cache;
	uint64_t cache_digest; /* of its content; 0: there is none */
	bool has_preload; /* ld.so.preload exists */
	struct identity preload;
};

int resolver_open(struct resolver **out, const struct resolver_options *options, struct err *e);
void resolver_close(struct resolver *r);
const struct resolver_system *resolver_system(const struct resolver *r);

enum resolve_flags {
	RESOLVE_CLOSURE_ONLY = 1,   /* stop after the closure: no bindings */
	RESOLVE_SHADOWS = 2,	    /* also list the losers */
	RESOLVE_ANY_PERMISSION = 4, /* set-id and the like are no reason (inspect of such a file) */
};

/*
 * Resolves one program.  0 with *out filled, also for an ineligible program
 * (out->reason, out->detail); negative only where the file `path` itself
 * cannot be opened or parsed.  `path` may be relative or a symbolic link; the
 * mapping holds the canonical path.
 */
int resolve_program(struct resolver *r, const char *path, unsigned flags, struct arena *a,
		    struct mapping *out, struct err *e);

/*
 * True for a reason (image/reason.h) with which the stock loader ends before the program's
 * first instruction.  A program that has such a reason and others is given it.
 */
bool resolve_stops_start(unsigned reason);

/*
 * The parsed object at `path` (as members name it), from this resolver's
 * memory or freshly read; NULL where it cannot be opened or parsed.  It lives
 * as long as the resolver.
 */
const struct object *resolver_object(struct resolver *r, const char *path);

/* ---- for whoever lets another process resolve, and does not take its word for it ---- */

/*
 * The bindings that a mapping has for an object, in its order, without their answers: kind 0,
 * no provider.
 */
struct binding *resolver_references(const struct object *o, struct arena *a, size_t *count);
size_t reference_count(const struct object *o);

/*
 * Asks again, of the objects themselves, whether the closure of `m` may be published: NONE or
 * the reason.  Members have their objects.  Looks at no file.
 */
unsigned resolver_confirm(struct resolver *r, const struct mapping *m, struct arena *a);

/*
 * Around a fork(), also where other threads use the resolver: the child has it as it was, with
 * all that is parsed.  `below` true: the child has changed its root to the resolver's.
 */
void resolver_before_fork(struct resolver *r);
void resolver_after_fork(struct resolver *r);
void resolver_in_child(struct resolver *r, bool below);

#endif
