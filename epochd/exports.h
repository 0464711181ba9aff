/*
 * exports.h - what the objects of an epoch define for others, once each
 *
 * Whether a definition is hidden by another one is asked of what objects define, and an update
 * takes the old files away: so this is kept with the epoch (struct catalogue_exports).
 */
#ifndef EPOCHD_EXPORTS_H
#define EPOCHD_EXPORTS_H

#include "cache/catalogue.h"
#include "common/map.h"
#include "matr-ld/object.h"

#include <pthread.h>

struct exports {
	pthread_mutex_t lock;
	struct arena arena;
	struct map lists; /* object key -> struct catalogue_exports, in the arena */
};

void exports_init(struct exports *x);
void exports_release(struct exports *x);

/*
 * The object's, made when first asked for; *is_new: now.  The list lives as long as x.  From any
 * thread.
 */
struct catalogue_exports exports_of(struct exports *x, const struct object *o, bool *is_new);

/* The same by object key, of what is in x already; false: it is not. */
bool exports_find(struct exports *x, uint64_t object, struct catalogue_exports *out);
void exports_keep(struct exports *x, uint64_t object, const struct catalogue_exports *exports);

/* True where a reference to this symbol (string keys; version 0: none) would find it there. */
bool exports_have(const struct catalogue_exports *x, uint64_t symbol, uint64_t version);

/* What `now` has and `old` does not; the list is malloc'ed. */
struct catalogue_exports exports_added(const struct catalogue_exports *old,
				       const struct catalogue_exports *now);

#endif
