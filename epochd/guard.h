/*
 * guard.h - folders in which a new file would change what a program binds to
 *
 * A library is found in the first folder of a search path that has it.  So an
 * answer stays true only as long as the folders before it, and their hwcap
 * subfolders, hold what they held.  ld.so.cache answers for the default
 * folders; what DT_RPATH and DT_RUNPATH name is guarded here: a folder's
 * change time moves when an entry is made or removed in it.
 *
 * The guard of an epoch is kept in the catalogue (database files) and asked at
 * the next begin, object by object, before anything is resolved.
 */
#ifndef EPOCHD_GUARD_H
#define EPOCHD_GUARD_H

#include "cache/catalogue.h"
#include "common/arena.h"
#include "matr-ld/object.h"

#include <pthread.h>

#define GUARD_BUCKETS 1024

struct guard_folder;

struct guard {
	pthread_mutex_t lock;
	struct arena arena;
	struct guard_folder *buckets[GUARD_BUCKETS];
	size_t count;
	const char *root; /* folder that is taken for /; NULL: the system itself; not owned */
};

void guard_init(struct guard *g);
void guard_release(struct guard *g);

/* Adds the folders of an object's own search path.  From any thread. */
void guard_object(struct guard *g, const struct object *o);

/*
 * Adds the folders above a file, for a store that takes only what everyone may
 * reach: of these only the mode counts, what else is in them does not.
 */
void guard_modes(struct guard *g, const char *path);

/* As records for catalogue_put_files; in `a`. */
struct catalogue_file *guard_records(struct guard *g, struct arena *a, size_t *count);

/*
 * An old guard.  Each folder is looked at when it is first asked about, once.
 * The files stay the caller's, sorted as the catalogue gives them.
 */
struct guard_memory {
	const struct catalogue_file *files;
	size_t count;
	const char *root;
	uint8_t *verdicts; /* by file; owned */
};

/* m->files, count and root are set by the caller. */
void guard_memory_open(struct guard_memory *m);
void guard_memory_release(struct guard_memory *m);

/* The folders of an object's search path hold what they held; false also where that is unknown. */
bool guard_search_holds(struct guard_memory *m, const char *search_path, const char *object_path);

/* The folders above a file have the modes that they had. */
bool guard_modes_hold(struct guard_memory *m, const char *path);

/* Takes over what was asked about and held, for programs that are taken over. */
void guard_keep(struct guard *g, const struct guard_memory *m);

#endif
