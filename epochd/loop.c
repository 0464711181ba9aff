#include "epochd/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

int loop_open(struct loop *l, struct err *e)
{
	l->stop = false;
	l->fd = epoll_create1(EPOLL_CLOEXEC);
	return l->fd < 0 ? err_sys(e, "cannot wait for events") : 0;
}

void loop_close(struct loop *l)
{
	close(l->fd);
}

int loop_run(struct loop *l, struct err *e)
{
	struct epoll_event event;
	int n;

	while (!l->stop) {
		n = epoll_wait(l->fd, &event, 1, -1);
		if (n < 0 && errno != EINTR)
			return err_sys(e, "cannot wait for events");
		if (n == 1) {
			struct loop_source *s = event.data.ptr;

			s->ready(s->context);
		}
	}
	return 0;
}

int loop_add(struct loop *l, struct loop_source *s, uint32_t events, struct err *e)
{
	struct epoll_event event = {.events = events, .data.ptr = s};

	if (epoll_ctl(l->fd, EPOLL_CTL_ADD, s->fd, &event) < 0)
		return err_sys(e, "cannot wait for a descriptor");
	return 0;
}

/*
 * Taken out, not only masked: who sleeps in epoll is woken for a source without a mask as well,
 * and put to sleep again before anyone hears of it.
 */
void loop_set(struct loop *l, struct loop_source *s, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = s};

	if (s->fd < 0)
		return;
	if (!events)
		epoll_ctl(l->fd, EPOLL_CTL_DEL, s->fd, NULL);
	else if (epoll_ctl(l->fd, EPOLL_CTL_MOD, s->fd, &event) < 0 && errno == ENOENT)
		epoll_ctl(l->fd, EPOLL_CTL_ADD, s->fd, &event);
}

void loop_remove(struct loop *l, struct loop_source *s)
{
	if (s->fd < 0)
		return;
	epoll_ctl(l->fd, EPOLL_CTL_DEL, s->fd, NULL);
	close(s->fd);
	s->fd = -1;
}

int loop_timer(struct loop *l, struct loop_source *s, struct err *e)
{
	s->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->fd < 0)
		return err_sys(e, "cannot make a timer");
	return loop_add(l, s, EPOLLIN, e);
}

/* Setting it also takes back an expiry that nobody has heard of yet. */
void loop_timer_set(struct loop_source *s, uint64_t milliseconds)
{
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)(milliseconds / 1000),
					       .tv_nsec = (long)(milliseconds % 1000) * 1000000}};

	if (s->fd >= 0)
		timerfd_settime(s->fd, 0, &when, NULL);
}
