/*
 * watch_tree.h - everything below some folders
 *
 * Where it may (CAP_SYS_ADMIN, a file system that knows handles), a root's whole
 * file system is watched with fanotify: one mark, whatever the number of files.
 * Otherwise every folder gets an inotify watch; when those run out, a sentence
 * tells what to raise, and the folders nearest to the root stay watched.
 *
 * Only what relevant.h lets pass is told.  Events are read a few times a second at
 * most (TREE_PAUSE_MSEC), so that a busy file system does not keep the daemon awake.
 */
#ifndef EPOCHD_WATCH_TREE_H
#define EPOCHD_WATCH_TREE_H

#include "epochd/loop.h"
#include "epochd/status.h"

#include <stddef.h>

#define TREE_PAUSE_MSEC 250

struct tree {
	struct loop *loop;
	void (*changed)(void *context, const char *path);
	void (*lost)(void *context); /* the kernel's queue overflowed */
	void (*mounts)(void *context); /* something was mounted at the roots or below: open it again */
	void *context;
	const char *skip; /* absolute path of a folder of which nothing is told: the store */
	bool only_inotify;

	char **roots; /* owned */
	size_t root_count;
	bool muted; /* during tree_drain() */
	struct tree_inotify *inotify; /* NULL: not in use */
	struct tree_fanotify *fanotify;
	struct loop_source pause, mountinfo;
	bool mounts_rest; /* the mount table is not looked at until the pause ends */
	uint64_t mounted; /* hash of what is mounted there */
};

/* Never fails: what cannot be watched is logged.  `roots`: absolute; those missing are passed over. */
void tree_open(struct tree *t, const char *const *roots, size_t count);
void tree_close(struct tree *t);

/* What has happened until now is forgotten. */
void tree_drain(struct tree *t);

void tree_describe(const struct tree *t, struct status_watch *out);

/* ---- for watch_*.c only ---- */

bool tree_is_below(const char *path, const char *folder);

/* Tells of `name` in the folder `folder`, if it matters. `gone`: it is not there any more. */
void tree_tell(struct tree *t, const char *folder, const char *name, bool gone);
void tree_lost(struct tree *t);

/* Events were read: no more for TREE_PAUSE_MSEC. */
void tree_rest(struct tree *t, struct loop_source *s);

/* A hash of the mounts at the roots and below; `each` may be NULL. */
uint64_t tree_mounts(const struct tree *t, void (*each)(void *context, const char *path),
		     void *context);

struct tree_inotify *tree_inotify_open(struct tree *t, struct err *e);
void tree_inotify_close(struct tree_inotify *n);
void tree_inotify_add(struct tree_inotify *n, const char *root);
size_t tree_inotify_read(struct tree_inotify *n);
void tree_inotify_wake(struct tree_inotify *n);
void tree_inotify_describe(const struct tree_inotify *n, struct status_watch *out);

struct tree_fanotify *tree_fanotify_open(struct tree *t, struct err *e);
void tree_fanotify_close(struct tree_fanotify *f);
int tree_fanotify_add(struct tree_fanotify *f, const char *root, struct err *e);
bool tree_fanotify_read(struct tree_fanotify *f);
void tree_fanotify_wake(struct tree_fanotify *f);

#endif
