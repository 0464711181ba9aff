/*
 * root.h - paths below a folder that is taken for /
 *
 * With a root, every path means what it would mean after chroot: absolute
 * links stay inside and `..` does not lead out.  Links are followed here, one
 * component at a time, so nothing is needed from the kernel but lstat and
 * readlink.  The empty root is the system itself; then the kernel does the walk.
 */
#ifndef MATR_LD_ROOT_H
#define MATR_LD_ROOT_H

#include "common/err.h"

#include <sys/stat.h>

/*
 * Called, where set, with each path that this process may not open or follow to its end.  One for
 * each thread.
 */
typedef void root_denied_fn(const char *path);
extern _Thread_local root_denied_fn *root_denied;

/*
 * The canonical form of `path` (no links, no dots, root removed).  Relative
 * paths begin at the working directory, or with a root at the root.  `out` has
 * PATH_MAX bytes.  0 or a negative errno value (-ENOENT, -ELOOP, ...).
 */
int root_canonical(const char *root, const char *path, char *out, struct err *e);

/* Opens for reading; a descriptor or a negative errno value. */
int root_open(const char *root, const char *path, struct err *e);

/* stat, links followed; 0 or a negative errno value.  Sets no sentence. */
int root_stat(const char *root, const char *path, struct stat *st);

#endif
