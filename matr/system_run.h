/*
 * system_run.h - a program of a system, started inside it
 *
 * For what `matr system` has to ask of a system: its dpkg-divert, and the programs that it tries
 * the shim with.  Below a root it is chroot and exec.  Nothing of the caller's environment
 * gets there, standard input is /dev/null, and what the program writes goes to memory.
 */
#ifndef MATR_SYSTEM_RUN_H
#define MATR_SYSTEM_RUN_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>

struct system_run {
	const char *root;	/* "": the system itself */
	const char *path;	/* inside the root; NULL: argv[0] */
	char *const *argv;
	const char *variables[4]; /* beside PATH and LC_ALL; ended by NULL */
	bool secure;		/* as another user's set-id program: AT_SECURE is set */
	struct buf output;	/* what it wrote; the caller's to release */
	int status;		/* as waitpid has it; 127 where it could not be executed */
};

#define SYSTEM_RUN_SECONDS 30 /* then it is killed */

/* 0 where it ran, whatever came of it. */
int system_run(struct system_run *r, struct err *e);

#endif
