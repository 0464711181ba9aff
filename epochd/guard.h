/*
 * guard.h - folders in which a new file would change what a program binds to
 *
 * A library is found in the first folder of a search path that has it.  So an
 * answer stays true only as long as the folders before it, and their hwcap
 * subfolders, hold what they held.  ld.so.cache answers for the default
 * folders; what DT_RPATH and DT_RUNPATH name is guarded here: a folder's
 * change time moves when an entry is made or removed in it.
 *
 * The guard of an epoch is kept in the catalogue (its scan memory) and asked
 * at the next begin, before anything is resolved.
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
	bool unknown; /* a search path that cannot be guarded: nothing may be reused */
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

/* True if every folder of an old guard is as it was. */
bool guard_holds(const struct catalogue_file *files, size_t count);

#endif
