/*
 * store.h - the folder that holds everything MatR keeps
 *
 *	STORE/cache.mdb        LMDB: the truth and the history (cache/catalogue.h)
 *	STORE/cache.mdb-lock   LMDB's own table of readers
 *	STORE/lock             flock: one writer at a time
 *	STORE/epochs/N/        published epochs (cache/publish.h)
 *	STORE/loader/HASH      prepared loaders
 *	STORE/current          link to epochs/N: the only switch
 *
 * Opening never waits: readers and a writer work side by side.  A writer takes
 * store_lock_exclusive() first and keeps it from its first look at the old
 * epoch to the switch to the new one.
 *
 * Rights: a store that root makes is for everyone to read (0755, files 0644);
 * anyone else's is his own (0700, files 0600).  store_is_shared() tells which
 * by the folder's mode, and with it what may go in: a shared store takes only
 * what everyone may read.  Who may not write LMDB's lock file reads without
 * it: such a reader is told (-EAGAIN from the catalogue) when two epochs were
 * committed under it, and just begins again.
 *
 * One `struct store` per folder and process: LMDB forbids a second, and its
 * handle must not be used across fork().  A struct store may be used by many
 * threads.
 */
#ifndef CACHE_STORE_H
#define CACHE_STORE_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

enum store_flags {
	STORE_CREATE = 1,    /* make the folder and the catalogue where they are missing */
	STORE_READ_ONLY = 2, /* look only: nothing in the folder is made or changed */
	STORE_SHARED = 4,    /* with STORE_CREATE: made as root's are, whoever makes it */
};

/* Where the store is when nobody says: MATR_STORE, else /var/lib/matr. */
const char *store_default(void);

/*
 * Opens the store in folder `dir`.  Errors: -ENOENT no store there (and no
 * STORE_CREATE), -EBADMSG a damaged or foreign cache.mdb, -EPROTONOSUPPORT a
 * store of another format version, -ENOTEMPTY a new one in a folder that holds other
 * files, -EACCES; each names the file.
 */
int store_open(struct store **out, const char *dir, unsigned flags, struct err *e);
void store_close(struct store *s);

const char *store_dir(const struct store *s); /* absolute, as it was when opened; owned by s */
int store_dirfd(const struct store *s);	      /* the folder itself; owned by s */
uint64_t store_id(const struct store *s);     /* random, made with the store; never 0 */
bool store_is_shared(const struct store *s);  /* others may read it */
bool store_is_portable(const struct store *s);

/*
 * Portable or local (the default), for as long as the store lasts: its files hold when copied with
 * the root that they were made for.  Needs the lock.  -EINVAL: it
 * is of the other kind, and has had an epoch.
 */
int store_choose_portable(struct store *s, bool portable, struct err *e);

/*
 * Takes the writer's lock: at once, or -EBUSY with a sentence that names the
 * process that holds it.  Taking it twice is allowed; each is given back.
 */
int store_lock_exclusive(struct store *s, struct err *e);
void store_unlock(struct store *s);

/* Bytes of cache.mdb in use; for `matr epoch status`. */
uint64_t store_catalogue_bytes(struct store *s);

#endif
