#include "epochd/watch_tree.h"

#include "common/arena.h"
#include "epochd/log.h"
#include "epochd/relevant.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/* Where more is written than can be read, what is left is told after all. */
#define DRAIN_READS 64

bool tree_is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* `name` "" stands for the folder itself: one that moved away, or whose mode changed. */
void tree_tell(struct tree *t, const char *folder, const char *name, bool gone)
{
	enum relevance relevance = *name ? relevant_name(name) : RELEVANT_YES;
	char path[PATH_MAX];

	if (t->muted || relevance == RELEVANT_NO || (relevance == RELEVANT_ASK && gone) ||
	    tree_is_below(folder, t->skip) || !relevant_folder(folder))
		return;
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return;
	if (relevance == RELEVANT_YES || relevant_content(AT_FDCWD, path))
		t->changed(t->context, path);
}

void tree_lost(struct tree *t)
{
	if (!t->muted)
		t->lost(t->context);
}

void tree_rest(struct tree *t, struct loop_source *s)
{
	loop_set(t->loop, s, 0);
	loop_timer_set(&t->pause, TREE_PAUSE_MSEC);
}

static void check_mounts(struct tree *t)
{
	if (tree_mounts(t, NULL, NULL) != t->mounted)
		t->mounts(t->context);
}

/* A mount table that changes all the time, elsewhere, is looked at as seldom as events are. */
static void mounts_changed(void *context)
{
	struct tree *t = context;

	t->mounts_rest = true;
	tree_rest(t, &t->mountinfo);
	check_mounts(t);
}

static void wake(void *context)
{
	struct tree *t = context;
	bool mounts = t->mounts_rest;

	loop_timer_set(&t->pause, 0);
	if (t->inotify)
		tree_inotify_wake(t->inotify);
	if (t->fanotify)
		tree_fanotify_wake(t->fanotify);
	if (!mounts)
		return;
	/* Each poll of this file takes the news with it, also the one that adding it makes. */
	t->mounts_rest = false;
	loop_set(t->loop, &t->mountinfo, EPOLLPRI);
	check_mounts(t);
}

void tree_drain(struct tree *t)
{
	t->muted = true;
	if (t->inotify)
		tree_inotify_read(t->inotify);
	for (int i = 0; t->fanotify && i < DRAIN_READS && !tree_fanotify_read(t->fanotify); i++)
		;
	t->muted = false;
}

/* ---- opening ---- */

static void add(struct tree *t, const char *path)
{
	struct err e = ERR_INIT;

	if (!t->only_inotify && !t->fanotify)
		t->fanotify = tree_fanotify_open(t, &e);
	if (t->fanotify && tree_fanotify_add(t->fanotify, path, &e) == 0)
		return;
	if (!t->only_inotify)
		log_line(LOG_DEBUG, "'%s': %s", path, e.text);
	if (!t->inotify)
		t->inotify = tree_inotify_open(t, &e);
	if (t->inotify)
		tree_inotify_add(t->inotify, path);
	else
		log_line(LOG_WARNING, "'%s' is not watched: %s", path, e.text);
}

/* Folders that inotify watches are walked across mounts: there a mount adds nothing. */
static void add_mount(void *context, const char *path)
{
	struct tree *t = context;

	for (size_t i = 0; i < t->root_count; i++)
		if (!strcmp(t->roots[i], path))
			return;
	if (t->fanotify)
		add(t, path);
}

static void watch_mounts(struct tree *t)
{
	struct err e = ERR_INIT;

	t->mountinfo.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (t->mountinfo.fd >= 0 && loop_add(t->loop, &t->mountinfo, EPOLLPRI, &e) < 0)
		loop_remove(t->loop, &t->mountinfo);
	t->mounted = tree_mounts(t, add_mount, t);
}

void tree_open(struct tree *t, const char *const *roots, size_t count)
{
	struct err e = ERR_INIT;

	t->muted = t->mounts_rest = false;
	t->mountinfo = (struct loop_source){.fd = -1, .ready = mounts_changed, .context = t};
	t->pause = (struct loop_source){.fd = -1, .ready = wake, .context = t};
	if (loop_timer(t->loop, &t->pause, &e) < 0)
		log_line(LOG_WARNING, "%s", e.text);
	t->roots = xcalloc(count + 1, sizeof(*t->roots));
	for (t->root_count = 0; t->root_count < count; t->root_count++)
		t->roots[t->root_count] = xstrdup(roots[t->root_count]);
	for (size_t i = 0; i < count; i++)
		add(t, roots[i]);
	watch_mounts(t);
}

void tree_close(struct tree *t)
{
	tree_inotify_close(t->inotify);
	tree_fanotify_close(t->fanotify);
	t->inotify = NULL;
	t->fanotify = NULL;
	for (size_t i = 0; i < t->root_count; i++)
		free(t->roots[i]);
	free(t->roots);
	t->root_count = 0;
	loop_remove(t->loop, &t->mountinfo);
	loop_remove(t->loop, &t->pause);
}

void tree_describe(const struct tree *t, struct status_watch *out)
{
	*out = (struct status_watch){.how = t->inotify && t->fanotify ? "both"
					    : t->inotify	      ? "inotify"
					    : t->fanotify	      ? "fanotify"
								      : "none"};
	if (t->inotify)
		tree_inotify_describe(t->inotify, out);
}
