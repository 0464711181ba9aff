/*
 * internal.h - what the files of the resolver share with each other
 *
 * The passes over one program, in order (resolve.c): open the program,
 * eligibility of the file, closure, checks of what ld.so would complain
 * about, bindings.  `struct job` is one program being resolved.  Nothing here
 * is for other folders; resolve.h is.
 */
#ifndef MATR_LD_INTERNAL_H
#define MATR_LD_INTERNAL_H

#include "common/mapping.h"
#include "image/reason.h"
#include "matr-ld/loader.h"
#include "matr-ld/object.h"
#include "matr-ld/resolve.h"

#include <pthread.h>

#define REQUESTS_PRELOAD_MAX 256

/* ---- objects.c: every file is parsed once, whoever asks ---- */

struct object_entry {
	char *path;
	uint64_t hash;
	struct object_entry *next;
	bool ready;	       /* under the shard's lock */
	struct object *object; /* NULL: could not be opened */
	unsigned reason;
	int code; /* why not: negative errno value, and the sentence */
	char *sentence;
};

#define OBJECT_SHARDS 64

struct object_shard {
	pthread_mutex_t lock;
	pthread_cond_t done;
	struct object_entry **slots;
	size_t count, capacity;
};

struct objects {
	const char *root;
	struct object_shard shards[OBJECT_SHARDS];
};

void objects_init(struct objects *s, const char *root);
void objects_release(struct objects *s);

/*
 * The entry of a path, parsed by this or another thread; NULL where there is
 * no such file.  `object` is NULL in an entry of a file that is no good.
 */
const struct object_entry *objects_get(struct objects *s, const char *path);

/* Around a fork: nobody is in the middle of a table; then in the child. */
void objects_lock(struct objects *s);
void objects_unlock(struct objects *s);
void objects_in_child(struct objects *s);

/* ---- the resolver ---- */

struct resolver {
	struct resolver_system system;
	bool require_world_readable, require_build_ids;
	char *root;
	struct arena memory;
	struct loader loader;
	const struct object *loader_object;
	struct ldcache cache;
	const char *preload[REQUESTS_PRELOAD_MAX];
	size_t preload_count;
	struct objects objects;
	pthread_mutex_t folder_lock;
	struct folder_known *folders; /* search.c: which subfolders exist */
};

/* ---- one program ---- */

/* A name that answers to a member: how it was asked for. */
struct alias {
	const char *name;
	struct alias *next;
};

/* What the closure knows of a member beyond struct member. */
struct node {
	struct alias *aliases;
	const char *origin; /* $ORIGIN: folder of the path as opened */
	uint32_t *needed;   /* members by DT_NEEDED, in order; PROVIDER_NONE: missing */
	bool in_cycle;	    /* needs itself through others */
	const bool *reach;  /* what it needs, through others too; made on demand */
};

struct job {
	struct resolver *r;
	struct arena *arena;
	struct mapping *out;
	unsigned flags;
	struct node *nodes; /* as out->members */
	size_t capacity;
	bool has_cycle;	 /* some member is in a cycle of DT_NEEDED */
	bool complete;	 /* every request was found */
	uint32_t loader; /* index of the loader, or PROVIDER_NONE */
};

/*
 * Record why the program is not eligible; the first one stays, but for one that does not
 * stop the program from starting: that gives way to one that does.
 */
void job_refuse(struct job *j, unsigned reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- search.c ---- */

/* A search: one request of one member. */
struct request {
	struct job *job;
	uint32_t requirer;
	const char *name; /* after token expansion */
	/* the answer */
	const struct object_entry *entry;
	const char *path; /* as ld.so opens it */
	const char *found_in;
	enum found_by found_by;
	unsigned failure; /* reason, where a file stops the search */
	const char *failure_detail;
};

/* True with the answer filled in; false: not found, or `failure` is set. */
bool search_name(struct request *q);
/* The same for a request with a slash. */
bool search_path(struct request *q);

/* Replace $ORIGIN, $LIB and $PLATFORM; NULL where one of them is unknown. */
const char *search_expand(struct job *j, uint32_t member, const char *text);

/* ---- closure.c, eligible.c, checks.c ---- */

void eligible_program(struct job *j, const struct object *o);
void eligible_closure(struct job *j);
void closure_make(struct job *j, const struct object *program);

/* The member that answers to a name, or PROVIDER_NONE. */
uint32_t closure_find(const struct job *j, const char *name);

/* All that ld.so checks between mapping and relocating. */
void checks_versions(struct job *j);

/* ---- order.c ---- */

/* Mark cycles, so that relocated_before can answer. */
void order_prepare(struct job *j);
/* True where ld.so has surely relocated `provider` when it comes to `requirer`. */
bool order_surely_before(const struct job *j, uint32_t provider, uint32_t requirer);

/* ---- bind.c ---- */

void bind_all(struct job *j);

#endif
