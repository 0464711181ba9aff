/* A tree by inotify: one watch for every folder */
#include "epochd/watch_tree.h"

#include "common/arena.h"
#include "epochd/log.h"
#include "epochd/relevant.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define MASK                                                                                       \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB |        \
	 IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK)

/* By watch descriptor, which the kernel counts up from 1. */
struct folder {
	int parent; /* 0: a root, and the name is a path */
	char *name; /* owned; NULL: no such watch */
};

struct tree_inotify {
	struct tree *tree;
	struct loop_source source;
	struct folder *folders;
	size_t room, count;
	size_t unwatched; /* folders that got no watch */
};

/* ---- names ---- */

/* The path of a folder into out[PATH_MAX]; false: too long, or a watch that is gone. */
static bool path_of(const struct tree_inotify *n, int wd, char *out)
{
	size_t at = PATH_MAX - 1, length;

	out[at] = '\0';
	for (; wd > 0; wd = n->folders[wd].parent) {
		if ((size_t)wd >= n->room || !n->folders[wd].name)
			return false;
		length = strlen(n->folders[wd].name);
		if (length + 1 > at)
			return false;
		at -= length;
		memcpy(out + at, n->folders[wd].name, length);
		if (n->folders[wd].parent)
			out[--at] = '/';
	}
	memmove(out, out + at, PATH_MAX - at);
	return true;
}

static void forget(struct tree_inotify *n, int wd)
{
	if (wd <= 0 || (size_t)wd >= n->room || !n->folders[wd].name)
		return;
	free(n->folders[wd].name);
	n->folders[wd].name = NULL;
	n->count--;
}

static void remember(struct tree_inotify *n, int wd, int parent, const char *name)
{
	size_t room = n->room ? n->room : 256;

	while ((size_t)wd >= room)
		room *= 2;
	if (room != n->room) {
		n->folders = xrealloc(n->folders, room * sizeof(*n->folders));
		memset(n->folders + n->room, 0, (room - n->room) * sizeof(*n->folders));
		n->room = room;
	}
	forget(n, wd);
	n->folders[wd] = (struct folder){.parent = parent, .name = xstrdup(name)};
	n->count++;
}

/* ---- watching ---- */

/* The watch, or 0: there is no such folder, or it does not matter, or there are no more watches. */
static int watch(struct tree_inotify *n, int parent, const char *path, const char *name)
{
	int wd;

	if (!relevant_folder(path) || !strcmp(path, n->tree->skip))
		return 0;
	wd = inotify_add_watch(n->source.fd, path, MASK);
	if (wd > 0) {
		remember(n, wd, parent, name);
		return wd;
	}
	if (errno == ENOSPC || errno == ENOMEM)
		n->unwatched++;
	return 0;
}

struct queue {
	int *wd;
	size_t count, capacity;
};

static void enqueue(struct queue *q, int wd)
{
	if (!wd)
		return;
	q->wd = array_grow(q->wd, q->count, &q->capacity, sizeof(*q->wd));
	q->wd[q->count++] = wd;
}

static bool is_folder(int dirfd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Watches the folders in one; `fresh`: files that are in it already are told. */
static void read_folder(struct tree_inotify *n, int wd, struct queue *q, bool fresh)
{
	char path[PATH_MAX], below[PATH_MAX];
	struct dirent *entry;
	DIR *d = path_of(n, wd, path) ? opendir(path) : NULL;

	while (d && (entry = readdir(d))) {
		const char *name = entry->d_name;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		if (!is_folder(dirfd(d), entry)) {
			if (fresh)
				tree_tell(n->tree, path, name, false);
			continue;
		}
		if (snprintf(below, sizeof(below), "%s/%s", path, name) < (int)sizeof(below))
			enqueue(q, watch(n, wd, below, name));
	}
	if (d)
		closedir(d);
}

/* Breadth first: where watches run out, the folders near the root have theirs. */
static void watch_below(struct tree_inotify *n, int first, bool fresh)
{
	struct queue q = {0};

	enqueue(&q, first);
	for (size_t i = 0; i < q.count; i++)
		read_folder(n, q.wd[i], &q, fresh);
	free(q.wd);
}

static void say_unwatched(const struct tree_inotify *n, const char *root)
{
	log_line(LOG_WARNING,
		 "inotify watches have run out: %zu folders below '%s' are not watched, %zu are; "
		 "raise fs.inotify.max_user_watches (sysctl), or run 'matr epoch begin' after "
		 "changes there",
		 n->unwatched, root, n->count);
}

void tree_inotify_add(struct tree_inotify *n, const char *root)
{
	size_t before = n->unwatched;

	watch_below(n, watch(n, 0, root, root), false);
	if (n->unwatched > before)
		say_unwatched(n, root);
}

/* ---- events ---- */

static void folder_came(struct tree_inotify *n, const struct inotify_event *event,
			const char *folder)
{
	char path[PATH_MAX];
	size_t before = n->unwatched;

	if (snprintf(path, sizeof(path), "%s/%s", folder, event->name) >= (int)sizeof(path))
		return;
	watch_below(n, watch(n, event->wd, path, event->name), true);
	if (!before && n->unwatched)
		say_unwatched(n, folder);
}

static void take(struct tree_inotify *n, const struct inotify_event *event)
{
	bool gone = event->mask & (IN_DELETE | IN_MOVED_FROM);
	char folder[PATH_MAX];

	if (event->mask & IN_Q_OVERFLOW)
		tree_lost(n->tree);
	else if (event->mask & IN_IGNORED)
		forget(n, event->wd);
	else if (!event->len || !path_of(n, event->wd, folder))
		return; /* attributes of a watched folder itself: its entry was told to the one above */
	else if (!(event->mask & IN_ISDIR))
		tree_tell(n->tree, folder, event->name, gone);
	else if (event->mask & (IN_CREATE | IN_MOVED_TO))
		folder_came(n, event, folder);
	else if (event->mask & IN_MOVED_FROM)
		tree_tell(n->tree, folder, "", gone);
}

/* All that is there: some thousand events at most between two pauses; their number. */
size_t tree_inotify_read(struct tree_inotify *n)
{
	char bytes[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *event;
	size_t count = 0;
	ssize_t got;

	while ((got = read(n->source.fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t at = 0; at < got; at += (ssize_t)sizeof(*event) + event->len, count++) {
			event = (const struct inotify_event *)(const void *)(bytes + at);
			take(n, event);
		}
	return count;
}

static void ready(void *context)
{
	struct tree_inotify *n = context;

	tree_inotify_read(n);
	tree_rest(n->tree, &n->source);
}

struct tree_inotify *tree_inotify_open(struct tree *t, struct err *e)
{
	struct tree_inotify *n = xcalloc(1, sizeof(*n));

	n->tree = t;
	n->source = (struct loop_source){.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
					 .ready = ready,
					 .context = n};
	if (n->source.fd < 0) {
		err_sys(e, "cannot watch folders (inotify; fs.inotify.max_user_instances may have to "
			   "be raised)");
		free(n);
		return NULL;
	}
	if (loop_add(t->loop, &n->source, EPOLLIN, e) == 0)
		return n;
	tree_inotify_close(n);
	return NULL;
}

void tree_inotify_wake(struct tree_inotify *n)
{
	loop_set(n->tree->loop, &n->source, EPOLLIN);
}

void tree_inotify_describe(const struct tree_inotify *n, struct status_watch *out)
{
	out->folders = n->count;
	out->unwatched = n->unwatched;
}

void tree_inotify_close(struct tree_inotify *n)
{
	if (!n)
		return;
	loop_remove(n->tree->loop, &n->source);
	for (size_t i = 0; i < n->room; i++)
		free(n->folders[i].name);
	free(n->folders);
	free(n);
}
