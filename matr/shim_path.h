/*
 * shim_path.h - where the interpreter lies, and whether it would work there
 */
#ifndef MATR_SHIM_PATH_H
#define MATR_SHIM_PATH_H

#include "common/arena.h"
#include "common/err.h"

/*
 * The shim to use when nobody named one: beside the running matr (uninstalled
 * use), else MATR_INSTALLED_SHIM.  Absolute; lies in the arena.  -ENOENT where
 * neither is there.
 */
int shim_find(const char **out, struct arena *a, struct err *e);

/*
 * Would a program that names this interpreter start?  The path is absolute and
 * every folder above it may be searched, the file is an x86-64 ELF object that
 * may be read and executed, its file system allows execution, and it runs: it
 * is asked, as a program, to have the system's loader look at a file, which
 * executes none of that file's code.  "May" means everyone when root asks, and
 * the user himself when anyone else does.
 */
int shim_check(const char *path, struct err *e);

/* The absolute path of the running matr; lies in the arena. */
int self_path(const char **out, struct arena *a, struct err *e);

#endif
