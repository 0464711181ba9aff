/*
 * private_view.h - an enabled copy of a program, shown at its own path
 *
 * For `matr exec` and for the runs of `matr verify`.  Nothing on disk changes
 * and no other process sees anything: the calling process moves into a mount
 * namespace of its own, in which a bind mount shows the copy where the program
 * is.  The copy lies in memory (a tmpfs that is attached only while the copy
 * is written), and goes away with the last process of the namespace.
 *
 *	private_view_enter(&user_namespace, &e);
 *	private_view_show("/usr/bin/vim", shim, &e);
 *	execve("/usr/bin/vim", ...);
 *
 * Both may be called after fork() in a child of a process with one thread.  A process with
 * several threads may not enter.
 */
#ifndef MATR_PRIVATE_VIEW_H
#define MATR_PRIVATE_VIEW_H

#include "common/err.h"

#include <stdbool.h>

/*
 * Moves the process into its own mount namespace.  Who may not do that moves
 * into a user namespace first, in which he is himself and nobody else exists:
 * *user_namespace is then true, files of others seem to belong to the overflow
 * user, and the capabilities that come with it are gone after the exec unless
 * he is root.  -EPERM: the system forbids it; the sentence says what to do.
 */
int private_view_enter(bool *user_namespace, struct err *e);

/*
 * Shows an enabled copy of `path` (canonical) with `shim` as its interpreter.
 * The copy has the mode and, as far as the namespace allows, owner, times and
 * extended attributes of the program.  Set-id bits have no effect on it.
 */
int private_view_show(const char *path, const char *shim, struct err *e);

#endif
