/* What the daemon watches, and what it makes of it. */
#include "epochd/daemon_internal.h"

#include "common/arena.h"
#include "epochd/log.h"
#include "epochd/roots.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define WRITTEN (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB)

static const char *const etc_names[] = {"ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload",
					"matr.conf", NULL};

static void changed(void *context, const char *path)
{
	struct daemon *d = context;

	if (!d->muted)
		daemon_event(d, EVENT_CHANGED, path);
}

/* Not at once: where the queue overflows it will again, and a build needs its time. */
static void lost(void *context)
{
	struct daemon *d = context;

	if (!d->lost_waits)
		loop_timer_set(&d->lost, DAEMON_LOST_MSEC);
	d->lost_waits = true;
}

static void tell_lost(void *context)
{
	struct daemon *d = context;

	d->lost_waits = false;
	loop_timer_set(&d->lost, 0);
	if (d->state == STATE_BUILDING)
		lost(d);
	else
		daemon_event(d, EVENT_LOST, "");
}

static void mounts_changed(void *context)
{
	struct daemon *d = context;

	daemon_watch_again(d);
	daemon_event(d, EVENT_CHANGED, "a file system was mounted, or went");
}

static void packages_tell(void *context, bool running)
{
	struct daemon *d = context;
	const char *name = d->packages.running;

	d->status.packages = name;
	daemon_event(d, running ? EVENT_PACKAGES_BEGUN : EVENT_PACKAGES_ENDED, name ? name : "");
}

static void etc_seen(void *context, uint32_t mask, const char *name);

static void etc_loader_seen(void *context, uint32_t mask, const char *name)
{
	(void)name;
	if (mask & WRITTEN)
		changed(context, "/etc/ld.so.conf.d");
}

static void watch_etc(struct daemon *d)
{
	d->etc = spots_add(&d->files, "/etc", WRITTEN | IN_ONLYDIR, etc_seen, d);
	d->etc_loader = spots_add(&d->files, "/etc/ld.so.conf.d", WRITTEN | IN_ONLYDIR,
				  etc_loader_seen, d);
	if (d->etc < 0)
		log_line(LOG_WARNING, "/etc is not watched: %s", strerror(-d->etc));
}

static void etc_seen(void *context, uint32_t mask, const char *name)
{
	struct daemon *d = context;
	char path[PATH_MAX];

	if (mask & IN_Q_OVERFLOW)
		lost(d);
	for (size_t i = 0; etc_names[i]; i++) {
		if (strcmp(name, etc_names[i]))
			continue;
		snprintf(path, sizeof(path), "/etc/%s", name);
		changed(d, path);
		if (mask & IN_ISDIR)
			watch_etc(d); /* ld.so.conf.d may be a new one */
	}
}

/* Somebody else published or withdrew: `matr epoch begin --here`, `rollback`, rm. */
static void current_seen(struct daemon *d)
{
	uint64_t before = d->epoch, now = place_current(&d->place);

	/* What a builder leaves that was told to stop is dealt with when it has gone. */
	if (now == before || d->builder.stopping)
		return;
	d->epoch = now;
	if (d->muted)
		return;
	if (now && !before)
		daemon_event(d, EVENT_APPEARED, "");
	else if (!now)
		daemon_event(d, EVENT_VANISHED, "");
	else
		daemon_write_status(d);
}

/*
 * Without its folder it would watch over nothing, and keep nobody from making a store in the same
 * place.  Of a folder that is open the end is not told; but its socket goes before.
 */
static void look_for_store(struct daemon *d)
{
	if (place_is_there(&d->place))
		return;
	d->homeless = true;
	d->loop.stop = true;
}

static void store_seen(void *context, uint32_t mask, const char *name)
{
	struct daemon *d = context;

	if (mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_Q_OVERFLOW) ||
	    !strcmp(name, CONTROL_SOCKET))
		look_for_store(d);
	if (!strcmp(name, "current") || mask & IN_Q_OVERFLOW)
		current_seen(d);
	else if (!strcmp(name, "matr.conf"))
		changed(d, "matr.conf of the store");
}

/* ---- the roots' folders ---- */

/* Where libraries of the default roots may lie, on systems where these are no links into /usr. */
static const char *const system_folders[] = {"/lib", "/lib64", "/lib32", "/libx32", "/bin", "/sbin"};
#define SYSTEM_FOLDERS (sizeof(system_folders) / sizeof(system_folders[0]))

struct list {
	const char **folders;
	size_t count, capacity;
	struct arena arena;
};

static bool is_covered(const struct list *l, const char *path)
{
	for (size_t i = 0; i < l->count; i++) {
		size_t n = strlen(l->folders[i]);

		if (!strncmp(path, l->folders[i], n) && (path[n] == '/' || path[n] == '\0'))
			return true;
	}
	return false;
}

static void add_folder(struct list *l, const char *folder)
{
	char real[PATH_MAX];

	if (!realpath(folder, real) || is_covered(l, real))
		return;
	l->folders = array_grow(l->folders, l->count, &l->capacity, sizeof(*l->folders));
	l->folders[l->count++] = arena_strdup(&l->arena, real);
}

static void watch_roots(struct daemon *d)
{
	struct list l = {0};
	struct roots roots;
	struct err e = ERR_INIT;

	if (roots_read(&roots, d->place.dir, &e) < 0)
		log_line(LOG_WARNING, "the roots are not watched: %s", e.text);
	for (size_t i = 0; i < roots.count; i++)
		add_folder(&l, roots.folders[i]);
	for (size_t i = 0; i < SYSTEM_FOLDERS && !roots.chosen; i++)
		add_folder(&l, system_folders[i]);
	tree_open(&d->tree, l.folders, l.count);
	free(l.folders);
	arena_release(&l.arena);
	roots_release(&roots);
}

int daemon_watch_open(struct daemon *d, struct err *e)
{
	int ret = spots_open(&d->files, &d->loop, e);

	d->lost = (struct loop_source){.fd = -1, .ready = tell_lost, .context = d};
	if (ret == 0)
		ret = loop_timer(&d->loop, &d->lost, e);
	if (ret == 0)
		ret = spots_open(&d->databases, &d->loop, e);
	if (ret < 0)
		return ret;
	if (spots_add(&d->files, d->place.dir, WRITTEN | IN_MOVE_SELF | IN_ONLYDIR, store_seen, d) < 0)
		log_line(LOG_WARNING, "'%s' is not watched", d->place.dir);
	watch_etc(d);
	d->packages = (struct packages){.loop = &d->loop,
					.spots = &d->databases,
					.tell = packages_tell,
					.changed = changed,
					.context = d};
	packages_open(&d->packages);
	d->status.packages = d->packages.running;
	d->tree = (struct tree){.loop = &d->loop,
				.changed = changed,
				.lost = lost,
				.mounts = mounts_changed,
				.context = d,
				.skip = d->place.dir,
				.only_inotify = d->options->inotify};
	watch_roots(d);
	return 0;
}

void daemon_watch_again(struct daemon *d)
{
	tree_close(&d->tree);
	watch_roots(d);
	daemon_write_status(d);
}

void daemon_watch_drain(struct daemon *d)
{
	d->muted = true;
	spots_drain(&d->files);
	tree_drain(&d->tree);
	d->muted = false;
}

void daemon_watch_close(struct daemon *d)
{
	loop_remove(&d->loop, &d->lost);
	tree_close(&d->tree);
	packages_close(&d->packages);
	spots_close(&d->databases);
	spots_close(&d->files);
}
