#include "epochd/spots.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

static void tell(struct spots *s, const struct inotify_event *event)
{
	for (int i = 0; i < SPOTS_MAX; i++) {
		struct spot *p = &s->spot[i];

		if (!p->wd || (p->wd != event->wd && !(event->mask & IN_Q_OVERFLOW)))
			continue;
		if (event->mask & IN_IGNORED)
			p->wd = 0;
		else
			p->seen(p->context, event->mask, event->len ? event->name : "");
	}
}

static ssize_t take(struct spots *s)
{
	char bytes[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *event;
	ssize_t n = read(s->source.fd, bytes, sizeof(bytes));

	for (ssize_t at = 0; at < n; at += (ssize_t)sizeof(*event) + event->len) {
		event = (const struct inotify_event *)(const void *)(bytes + at);
		tell(s, event);
	}
	return n;
}

static void ready(void *context)
{
	take(context);
}

void spots_drain(struct spots *s)
{
	while (take(s) > 0)
		;
}

int spots_open(struct spots *s, struct loop *l, struct err *e)
{
	memset(s->spot, 0, sizeof(s->spot));
	s->loop = l;
	s->source = (struct loop_source){.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
					 .ready = ready,
					 .context = s};
	if (s->source.fd < 0)
		return err_sys(e, "cannot watch files (inotify; fs.inotify.max_user_instances may "
				  "have to be raised)");
	return loop_add(l, &s->source, EPOLLIN, e);
}

void spots_close(struct spots *s)
{
	loop_remove(s->loop, &s->source);
}

static struct spot *spot_of(struct spots *s, int wd)
{
	for (int i = 0; i < SPOTS_MAX; i++)
		if (s->spot[i].wd == wd)
			return &s->spot[i];
	return NULL;
}

int spots_add(struct spots *s, const char *path, uint32_t mask, spot_fn *seen, void *context)
{
	int wd = inotify_add_watch(s->source.fd, path, mask);
	struct spot *p;

	if (wd < 0)
		return -errno;
	p = spot_of(s, wd);
	if (!p)
		p = spot_of(s, 0);
	if (!p) {
		inotify_rm_watch(s->source.fd, wd);
		return -ENOSPC;
	}
	*p = (struct spot){.wd = wd, .seen = seen, .context = context};
	return wd;
}

void spots_remove(struct spots *s, int wd)
{
	struct spot *p = wd > 0 ? spot_of(s, wd) : NULL;

	if (!p)
		return;
	p->wd = 0;
	inotify_rm_watch(s->source.fd, wd);
}
