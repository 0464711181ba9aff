/*
 * owner.h - which package a file belongs to
 *
 * Asks the package database of the system, or of a root that is prepared from outside: dpkg's
 * lists are read (with its diversions, and with /lib for /usr/lib and the reverse); where there
 * are none, rpm or pacman is executed, if its database and the tool are there.  Costs a
 * good part of a second where there are many packages, so only what is to be reported is asked.
 *
 * A package that is gone takes its list along.  Then its name is guessed, the way
 * Debian names libraries (libfoo.so.1: libfoo1), but only where dpkg has heard of such a one:
 * it is left half removed, or an installed package that is concerned depends on it.
 */
#ifndef EPOCHD_OWNER_H
#define EPOCHD_OWNER_H

#include "cache/catalogue.h"

struct owner_query {
	const char *path;    /* absolute, the root removed; NULL: nothing is asked */
	const char *package; /* the answer, in the arena; NULL: none has it */
};

/* All at once.  No answer is no error. */
void owner_find(const char *root, struct owner_query *q, size_t count, struct arena *a);

/*
 * The name of a package that is not installed and would have had a library of this file
 * name, or NULL.  `dependents` are installed packages that may depend on it.
 */
const char *owner_gone(const char *root, const char *library, const struct owner_query *dependents,
		       size_t count, struct arena *a);

#endif
