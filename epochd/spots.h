/*
 * spots.h - inotify on some single files and folders
 *
 * For the few places that are watched by name: the store's folder, /etc, a
 * package manager's lock.  Trees have their own descriptor (watch_tree.h).
 */
#ifndef EPOCHD_SPOTS_H
#define EPOCHD_SPOTS_H

#include "epochd/loop.h"

#include <stdint.h>

#define SPOTS_MAX 64

/* `name`: of the entry, for a folder; "" else.  `mask`: IN_*; IN_Q_OVERFLOW goes to all. */
typedef void spot_fn(void *context, uint32_t mask, const char *name);

struct spots {
	struct loop *loop;
	struct loop_source source;
	struct spot {
		int wd; /* 0: free */
		spot_fn *seen;
		void *context;
	} spot[SPOTS_MAX];
};

int spots_open(struct spots *s, struct loop *l, struct err *e);
void spots_close(struct spots *s);

/* The watch's number, or -ENOENT and the like.  Watching a place again moves the callback. */
int spots_add(struct spots *s, const char *path, uint32_t mask, spot_fn *seen, void *context);
/* Everything that has happened until now is told at once. */
void spots_drain(struct spots *s);

void spots_remove(struct spots *s, int wd);

#endif
