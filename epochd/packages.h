/*
 * packages.h - does a package manager run?
 *
 * What packages.def lists is watched (spots.h).  Opening a lock's file is seen before
 * the lock is taken: then it is asked again some times within a second.  A lock is
 * asked (F_GETLK), never taken; its descriptor is opened once and kept, as opening
 * it were an event again.  A manager that is killed closes its files like any other.
 *
 * Locks that may not be opened (a daemon without root) cannot be asked: there, writing to
 * the database counts as a change of files.
 */
#ifndef EPOCHD_PACKAGES_H
#define EPOCHD_PACKAGES_H

#include "epochd/spots.h"

#include <stdbool.h>

#define PACKAGES_MAX 16

struct packages {
	struct loop *loop;
	struct spots *spots;
	/* At every sign of life while a manager runs, and once when none does any more. */
	void (*tell)(void *context, bool running);
	void (*changed)(void *context, const char *what);
	void *context;

	struct packages_item {
		int fd;	       /* of a LOCKED file; -1 */
		int file, folder; /* watches; 0: none */
		struct packages *all;
	} items[PACKAGES_MAX];
	struct loop_source again;
	unsigned asked; /* times since a file was opened */
	const char *running; /* name of the manager; NULL: none runs */
};

/* Never fails: what is not there is not watched. */
void packages_open(struct packages *p);
void packages_close(struct packages *p);

/* Asks now, and tells nobody: the manager that runs, or NULL. */
const char *packages_ask(struct packages *p);

#endif
