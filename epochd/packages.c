#include "epochd/packages.h"

#include "epochd/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum kind { LOCKED, EXISTS, WRITTEN };

static const struct place_of {
	enum kind kind;
	const char *name, *folder, *file;
} places[] = {
#define LOCKED(name, folder, file) {LOCKED, name, folder, file},
#define EXISTS(name, folder, file) {EXISTS, name, folder, file},
#define WRITTEN(name, folder, file) {WRITTEN, name, folder, file},
#include "epochd/packages.def"
#undef LOCKED
#undef EXISTS
#undef WRITTEN
};

#define PLACES (sizeof(places) / sizeof(places[0]))
_Static_assert(PLACES <= PACKAGES_MAX, "PACKAGES_MAX");

/* After a lock's file was opened; a manager locks it at once, or does not mean to. */
static const unsigned ask_again_msec[] = {5, 20, 100, 400, 1000};
#define ASK_AGAIN (sizeof(ask_again_msec) / sizeof(ask_again_msec[0]))

static void path_of(char out[PATH_MAX], const struct place_of *p)
{
	snprintf(out, PATH_MAX, "%s/%s", p->folder, p->file);
}

static bool is_held(const struct packages *p, size_t i)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[PATH_MAX];

	if (places[i].kind == EXISTS) {
		path_of(path, &places[i]);
		return access(path, F_OK) == 0;
	}
	/* A lock to read may be had by anyone who may read the file, and keeps no database from it. */
	return p->items[i].fd >= 0 && fcntl(p->items[i].fd, F_GETLK, &whole) == 0 &&
	       whole.l_type == F_WRLCK;
}

const char *packages_ask(struct packages *p)
{
	for (size_t i = 0; i < PLACES; i++)
		if (places[i].kind != WRITTEN && is_held(p, i))
			return places[i].name;
	return NULL;
}

/* Can it be asked whether this manager runs? */
static bool can_ask(const struct packages *p, const char *name)
{
	for (size_t i = 0; i < PLACES; i++)
		if (!strcmp(places[i].name, name) &&
		    (places[i].kind == EXISTS || p->items[i].fd >= 0))
			return true;
	return false;
}

static void look(struct packages *p)
{
	const char *now = packages_ask(p), *before = p->running;

	p->running = now;
	if (now)
		p->tell(p->context, true);
	else if (before)
		p->tell(p->context, false);
}

static void ask_again(void *context)
{
	struct packages *p = context;

	p->asked++;
	loop_timer_set(&p->again, p->asked < ASK_AGAIN ? ask_again_msec[p->asked] : 0);
	look(p);
}

static void look_now_and_again(struct packages *p)
{
	p->asked = 0;
	loop_timer_set(&p->again, ask_again_msec[0]);
	look(p);
}

static void lock_seen(void *context, uint32_t mask, const char *name)
{
	struct packages_item *item = context;

	(void)name;
	if (mask & (IN_OPEN | IN_Q_OVERFLOW))
		look_now_and_again(item->all);
	else
		look(item->all);
}

/* The lock's file, which may be a new one: its descriptor first, so that opening it is not seen. */
static void follow_lock(struct packages *p, size_t i)
{
	struct packages_item *item = &p->items[i];
	char path[PATH_MAX];

	spots_remove(p->spots, item->file);
	item->file = 0;
	if (item->fd >= 0)
		close(item->fd);
	path_of(path, &places[i]);
	item->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (item->fd < 0)
		return;
	item->file = spots_add(p->spots, path, IN_OPEN | IN_CLOSE, lock_seen, item);
	if (item->file < 0)
		log_line(LOG_WARNING, "cannot watch '%s': %s", path, strerror(-item->file));
}

static void written(struct packages *p, size_t i)
{
	if (can_ask(p, places[i].name))
		look(p);
	else
		p->changed(p->context, places[i].folder);
}

/* Several places share a folder, and so a watch: each is asked whether the name is its own. */
static void folder_seen(void *context, uint32_t mask, const char *name)
{
	struct packages_item *item = context;
	struct packages *p = item->all;
	const char *folder = places[item - p->items].folder;

	(void)mask;
	for (size_t i = 0; i < PLACES; i++) {
		const struct place_of *place = &places[i];

		if (strcmp(place->folder, folder) || (*place->file && strcmp(place->file, name)))
			continue;
		if (place->kind == WRITTEN) {
			written(p, i);
			continue;
		}
		/* Who made it had it open before it was watched, and may lock it in a moment. */
		if (place->kind == LOCKED) {
			follow_lock(p, i);
			look_now_and_again(p);
		} else {
			look(p);
		}
	}
}

void packages_open(struct packages *p)
{
	struct err e = ERR_INIT;

	p->running = NULL;
	p->asked = 0;
	p->again = (struct loop_source){.fd = -1, .ready = ask_again, .context = p};
	if (loop_timer(p->loop, &p->again, &e) < 0)
		log_line(LOG_WARNING, "%s", e.text);
	for (size_t i = 0; i < PLACES; i++) {
		struct packages_item *item = &p->items[i];

		*item = (struct packages_item){.fd = -1, .all = p};
		item->folder = spots_add(p->spots, places[i].folder,
					 IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR,
					 folder_seen, item);
		if (places[i].kind == LOCKED && item->folder > 0)
			follow_lock(p, i);
		if (item->folder > 0)
			log_line(LOG_DEBUG, "%s: '%s' is watched", places[i].name,
				 places[i].folder);
	}
	p->running = packages_ask(p);
}

void packages_close(struct packages *p)
{
	loop_remove(p->loop, &p->again);
	for (size_t i = 0; i < PLACES; i++) {
		spots_remove(p->spots, p->items[i].file);
		spots_remove(p->spots, p->items[i].folder);
		if (p->items[i].fd >= 0)
			close(p->items[i].fd);
		p->items[i].fd = -1;
	}
}
