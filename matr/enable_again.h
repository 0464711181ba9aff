/*
 * enable_again.h - enabled programs that a package replaced are enabled again
 *
 * For each file of the store's list (enabled_list.h):
 *
 *	it names the system's loader   it was replaced: enabled again, with the
 *	                               shim that it was enabled with
 *	it is gone, and its folder is  dropped from the list
 *	there
 *	it cannot be enabled any more  dropped: it became static, set-id, a link,
 *	                               a script
 *	it is on a file system that    stays in the list
 *	is read-only here
 *
 * Each of these is told on standard error; nothing is said where nothing is to
 * do.  Nothing is changed while a package manager works, nor without a shim.
 *
 * It is done by who asks for an epoch, and not by the daemon nor its builder:
 * that may not write to programs, and is killed when a file changes.
 */
#ifndef MATR_ENABLE_AGAIN_H
#define MATR_ENABLE_AGAIN_H

#include "matr/matr.h"

enum enable_again_when {
	ENABLE_AGAIN_QUIET, /* not while any package manager works */
	ENABLE_AGAIN_HOOK,  /* one has told that it has finished, and may still hold its lock */
};

/* enum matr_exit: a file that could not be enabled is MATR_FAILED, and was told. */
int enable_again(struct matr_options *o, enum enable_again_when when);

#endif
