/*
 * scan.h - which programs there are
 *
 * Walks folders for dynamic executables: regular files that someone may
 * execute, ELF for this machine, with a PT_INTERP.  Symbolic links are not
 * followed below a named path, and of several hard links the first is taken.
 * /proc, /sys, /dev and /run are never entered.
 *
 *	struct scan s = {.root = ...};
 *	scan_remember(&s, &bytes);     what the scan before this one saved, if anything
 *	scan_add(&s, "/usr", &e);      as often as needed
 *	scan_finish(&s);               now s.paths is the answer
 *	scan_save(&s, &out);           for the next scan
 *	scan_release(&s);
 *
 * With a memory (scan_memory.h) folders that are as they were are not read.
 */
#ifndef EPOCHD_SCAN_H
#define EPOCHD_SCAN_H

#include "common/err.h"
#include "epochd/scan_memory.h"

#include <stddef.h>

struct scan_found {
	char *path;
	uint64_t dev, ino;
};

struct scan {
	const char *root;  /* folder that is taken for /; NULL: the system itself; not owned */
	unsigned threads;  /* 0: one per processor */
	char **paths;      /* in the order of their names; owned */
	size_t count;
	size_t unreadable; /* folders and files that could not be looked at */
	/* inside: */
	struct scan_found *found;
	size_t found_count, found_capacity;
	struct scan_memory memory;
	struct buf remembered;         /* the memory's texts */
	struct scan_folder **folders;  /* that were walked; in the arena, like what they hold */
	size_t folder_count, folder_capacity;
	struct arena arena;
};

/* Takes the bytes that scan_save made; they are the scan's from now on. */
void scan_remember(struct scan *s, struct buf *bytes);

/*
 * `path` and what is found are paths inside the root.  Adds a program (whatever it is: it was
 * named) or all programs below a folder.  -ENOENT and the like where the path itself cannot
 * be opened.
 */
int scan_add(struct scan *s, const char *path, struct err *e);

/* Sorts, and drops what was found twice. */
void scan_finish(struct scan *s);
void scan_save(const struct scan *s, struct buf *out);
void scan_release(struct scan *s);

#endif
