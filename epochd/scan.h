/*
 * scan.h - which programs there are
 *
 * Walks folders for dynamic executables: regular files that someone may
 * execute, ELF for this machine, with a PT_INTERP.  Symbolic links are not
 * followed below a named path, and of several hard links the first is taken.
 * /proc, /sys, /dev and /run are never entered.
 */
#ifndef EPOCHD_SCAN_H
#define EPOCHD_SCAN_H

#include "common/err.h"

#include <stddef.h>

struct scan {
	const char *root;  /* folder that is taken for /; NULL: the system itself; not owned */
	char **paths;      /* in the order of their names; owned */
	size_t count, capacity;
	size_t unreadable; /* folders and files that could not be looked at */
};

#define SCAN_INIT {0}

/*
 * `path` and what is found are paths inside the root.  Adds a program (whatever it is: it was named) or all programs below a folder.
 * -ENOENT and the like where the path itself cannot be opened.
 */
int scan_add(struct scan *s, const char *path, struct err *e);

/* Sorts, and drops what was found twice. */
void scan_finish(struct scan *s);
void scan_release(struct scan *s);

#endif
