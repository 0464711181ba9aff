#include "epochd/watch_tree.h"

#include "epochd/log.h"
#include "epochd/relevant.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

static bool is_below(const char *path, const char *folder)
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
	    is_below(folder, t->skip) || !relevant_folder(folder))
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

static void wake(void *context)
{
	struct tree *t = context;

	loop_timer_set(&t->pause, 0);
	if (t->inotify)
		loop_set(t->loop, tree_inotify_source(t->inotify), EPOLLIN);
}

void tree_drain(struct tree *t)
{
	t->muted = true;
	if (t->inotify)
		tree_inotify_read(t->inotify);
	t->muted = false;
}

static void add(struct tree *t, const char *root)
{
	struct err e = ERR_INIT;

	if (!t->inotify)
		t->inotify = tree_inotify_open(t, &e);
	if (t->inotify)
		tree_inotify_add(t->inotify, root);
	else
		log_line(LOG_WARNING, "'%s' is not watched: %s", root, e.text);
}

void tree_open(struct tree *t, const char *const *roots, size_t count)
{
	struct err e = ERR_INIT;

	t->muted = false;
	t->pause = (struct loop_source){.fd = -1, .ready = wake, .context = t};
	if (loop_timer(t->loop, &t->pause, &e) < 0)
		log_line(LOG_WARNING, "%s", e.text);
	for (size_t i = 0; i < count; i++)
		add(t, roots[i]);
}

void tree_close(struct tree *t)
{
	tree_inotify_close(t->inotify);
	t->inotify = NULL;
	loop_remove(t->loop, &t->pause);
}

void tree_describe(const struct tree *t, struct status_watch *out)
{
	*out = (struct status_watch){.how = t->inotify ? "inotify" : "none"};
	if (t->inotify)
		tree_inotify_describe(t->inotify, out);
}
