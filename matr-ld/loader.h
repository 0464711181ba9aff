/*
 * loader.h - what the installed ld.so has built in
 *
 * Default folders, the value of $LIB and the release are constants of the
 * loader's binary.  They are read from its own bytes: no list of
 * distributions, and the answer is right in a foreign root too.
 */
#ifndef MATR_LD_LOADER_H
#define MATR_LD_LOADER_H

#include "common/arena.h"
#include "common/err.h"
#include "common/identity.h"
#include "matr-ld/ldcache.h"

#include <stdbool.h>

#define LOADER_FOLDERS_MAX 8
#define LOADER_SUBFOLDERS_MAX 20

struct loader {
	const char *name; /* the path by which it is found, one of image/loader_path.def */
	char *path; /* canonical, root removed */
	char *shim; /* system mode: canonical path of the shim that lies where programs name it */
	const char *soname;
	struct identity identity;
	unsigned release;			 /* glibc 2.N: N; 0: unknown */
	const char *folders[LOADER_FOLDERS_MAX]; /* default ones, each with a final slash */
	size_t folder_count;
	const char *lib;      /* $LIB */
	const char *platform; /* $PLATFORM; NULL: unknown, paths with it are dropped */
	/* Subfolders tried in every folder, best first, each with a final slash; "" is the last. */
	const char *subfolders[LOADER_SUBFOLDERS_MAX];
	size_t subfolder_count;
	struct ldcache_filter filter;
};

/*
 * The path of the installed loader below `root` ("": the system itself), as image/loader_path.h
 * has it: a string of that list, not canonical.  -ENOENT: there is none.
 */
int loader_find(const char *root, const char **out, struct err *e);

/* Is there a shim of ours at `path` below `root`? */
bool loader_is_shim(const char *root, const char *path);

/* Reads the loader below `root`; cpu_level 0 is this processor's.  Memory is from `a`. */
int loader_open(struct loader *l, const char *root, unsigned cpu_level, struct arena *a,
		struct err *e);

#endif
