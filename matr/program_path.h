/*
 * program_path.h - which file does an exec end up with?
 *
 * What execvp and the kernel do, looked at beforehand: the search along PATH,
 * and the interpreters that a `#!` line names.
 */
#ifndef MATR_PROGRAM_PATH_H
#define MATR_PROGRAM_PATH_H

#include "common/arena.h"
#include "common/err.h"

/*
 * The path that execvp(name) would execute; `name` itself where it holds a
 * slash.  -ENOENT: not found; -EACCES: found, but not executable.
 */
int program_find(const char **out, const char *name, struct arena *a, struct err *e);

/*
 * The canonical path of the file that the kernel ends up with when it executes
 * `path`: itself, or, through at most five scripts (the kernel's limit), the
 * interpreter of the last.  It need not be an ELF file.
 */
int program_behind(const char **out, const char *path, struct arena *a, struct err *e);

#endif
