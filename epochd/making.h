/*
 * making.h - an epoch while it is made, and the stages that make it
 *
 * Inside of the engine.  engine.c runs the stages in the order in which they
 * stand here; each fills its part of `struct making` and leaves the rest alone.
 */
#ifndef EPOCHD_MAKING_H
#define EPOCHD_MAKING_H

#include "cache/publish.h"
#include "epochd/engine.h"
#include "epochd/guard.h"
#include "epochd/image_write.h"
#include "epochd/inherit.h"
#include "epochd/preflight.h"
#include "epochd/reuse.h"
#include "epochd/scan.h"
#include "epochd/worker.h"

/* The engine's own file beside an epoch: scan_memory.h. */
#define SCAN_FILE "scan"

/*
 * Raised when the resolver or the engine would answer otherwise: what an older one found is then
 * not taken over.
 */
#define ENGINE_VERSION 4

/* Everything that lives while an epoch is made. */
struct making {
	struct store *store;
	const struct epoch_request *request;
	struct epoch_result *result;
	struct resolver *resolver;
	struct workers *workers; /* who resolve in its place */
	struct catalogue_write *write; /* NULL: nothing is to be kept (epoch_request.check) */
	struct preflight *preflight; /* NULL: there is no epoch to compare with */
	struct catalogue_findings findings;
	struct exports exports;
	struct publish *publish;
	struct reuse *reuse;  /* NULL: nothing can be taken over */
	struct ledger ledger; /* the parent's, where its layout is continued, and then this epoch's */
	struct inheritance inheritance;
	bool portable;        /* the store is */
	uint32_t least;       /* lookups below which a program gets no image */
	bool continues;       /* the parent's layout goes on: programs may be kept */
	struct guard guard;
	struct policy policy;
	uint64_t number, parent;
	uint64_t imported;    /* programs that were as the imported epoch has them; counted by many threads */
	uint64_t resolved;    /* programs resolved anew; counted by many threads */
	struct scan scan;
	struct program *programs;
	size_t program_count;
	struct tables tables;
	struct layout layout;
	struct pages pages;
	struct prepared_loader loader;
	struct program **published;
	size_t published_count;
	size_t linked;        /* images that the parent has already */
	uint64_t image_bytes; /* added up by many threads */
};

/* Options that change what an epoch holds; kept as catalogue_epoch.flags. */
uint64_t making_flags(const struct making *m);

/* In catalogue_epoch.flags: a record for the time of an import, never published (import.c). */
#define EPOCH_IMPORTING 8u

/* The root as the epoch's record names it. */
const char *making_root(const struct making *m);

/* `each` for every index below count, on all cores, with progress. */
int making_parallel(struct making *m, const char *stage, size_t count, parallel_fn *each,
		    struct err *e);

/* resolve_program, but in a worker; from any thread. */
int making_resolve(struct making *m, const struct question *q, struct arena *a,
		   struct mapping *out, struct err *e);

/* Guards where ld.so looks for what an object needs. */
void making_guard(struct making *m, const struct object *o);

/* stage_keep.c: which programs are as they were; *unchanged: all, so there is nothing to do */
int stage_keep(struct making *m, bool *unchanged, struct err *e);
void keep_nothing(struct making *m); /* none is kept after all: the layout is a new one */

/* stage_resolve.c: every program's mapping, taken over or resolved, into catalogue and tables */
int stage_resolve(struct making *m, struct err *e);

/*
 * A mapping and its tables' keys become the program, weighed and guarded, and its record.  The
 * mapping's tables are in the catalogue already, or have their names.
 */
int making_take(struct making *m, struct program *p, const struct mapping *mapping,
		const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e);

/* stage_import.c: one program's mapping, taken from the epoch request->import */
int import_one(struct making *m, struct program *p, struct err *e);

/* Puts a program's record, with the engine's reason in place of the resolver's. */
int making_keep_program(struct making *m, struct program *p, const struct mapping *mapping,
			const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e);

/* Resolves a kept program after all. */
int making_wake(struct making *m, struct program *p, struct err *e);

/* stage_preflight.c: opened before stage_resolve, which shows it what is resolved; then the report */
int stage_preflight_open(struct making *m, struct err *e);
int stage_preflight_look(struct making *m, const struct mapping *mapping,
			 const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e);
void stage_preflight(struct making *m);

/* stage_publish.c: which programs get images; addresses; pages and images on disk */
int stage_publish(struct making *m, struct err *e);

/* stage_describe.c: counts, reasons and failures, into m->result */
void stage_describe(struct making *m, uint64_t begun_nsec, uint64_t taken_nsec);

#endif
