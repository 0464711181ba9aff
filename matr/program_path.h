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
 * The canonical path of the operand of a command that only looks at a file: the file of this
 * name; else, where the name holds no slash, the one that program_find finds.
 */
int program_operand(const char **out, const char *name, struct arena *a, struct err *e);

/* What executing one file leads to. */
struct program_behind {
	/*
	 * Canonical path of the file that the kernel ends up with: the file itself, or,
	 * through at most five scripts (the kernel's limit), the interpreter of
	 * the last.  It need not be an ELF file.
	 */
	const char *program;
	/*
	 * The same for the program that `env` will execute, where the script
	 * says `#!/usr/bin/env NAME`; NULL else, or where NAME is not found.
	 */
	const char *through_env;
};

int program_behind(struct program_behind *out, const char *path, struct arena *a, struct err *e);

#endif
