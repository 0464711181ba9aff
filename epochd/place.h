/*
 * place.h - the store's folder, as the daemon holds it
 *
 * The daemon keeps no catalogue open: it needs the folder, the name `current`,
 * and three files of its own:
 *
 *	S/epochd.lock   flock, and the pid of who has it; never removed
 *	S/epochd.sock   control.h
 *	S/status        JSON, for anyone to read; replaced, never synced: it is
 *	                worth nothing after a power cut
 *
 * `current` is removed without the store's lock: unlinking is one step, and
 * whoever holds the lock and publishes meanwhile is noticed (EVENT_APPEARED).
 */
#ifndef EPOCHD_PLACE_H
#define EPOCHD_PLACE_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PLACE_LOCK "epochd.lock"
#define PLACE_STATUS "status"

struct place {
	char *dir; /* absolute */
	int fd;	   /* the folder */
	int lock_fd;
	bool shared; /* others may read the store (store.h) */
	uid_t owner;
};

/*
 * Makes the folder where there is none, checks that it is ours alone to write,
 * and takes the daemon's lock.  -EBUSY: another daemon has it; the sentence
 * names its pid.
 */
int place_open(struct place *p, const char *dir, struct err *e);
void place_close(struct place *p);

/* False: at the path is another folder, or none, or one without the daemon's socket. */
bool place_is_there(const struct place *p);

/* Number of the current epoch; 0: none. */
uint64_t place_current(const struct place *p);
int place_withdraw(const struct place *p, struct err *e);

mode_t place_file_mode(const struct place *p);

/* On failure (a full disk) the old file goes, rather than stay and be wrong. */
int place_write_status(const struct place *p, const struct buf *text, struct err *e);

#endif
