/*
 * loop.h - waiting for file descriptors and for points in time
 *
 * One thread, epoll and timerfd; nothing wakes it but what was asked for.
 * Level triggered, one event at a time, so a callback may remove any source,
 * its own as well.  A source is the caller's memory and must stay where it is
 * until it is removed.
 */
#ifndef EPOCHD_LOOP_H
#define EPOCHD_LOOP_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef void loop_fn(void *context);

struct loop {
	int fd;
	bool stop; /* set it: loop_run() returns */
};

struct loop_source {
	int fd; /* -1: not in use */
	loop_fn *ready;
	void *context;
};

#define LOOP_SOURCE_INIT                                                                           \
	{                                                                                          \
		.fd = -1                                                                           \
	}

int loop_open(struct loop *l, struct err *e);
void loop_close(struct loop *l);
int loop_run(struct loop *l, struct err *e);

/* Takes the descriptor over; loop_remove() closes it.  `events`: EPOLLIN, EPOLLPRI, ... */
int loop_add(struct loop *l, struct loop_source *s, uint32_t events, struct err *e);
void loop_remove(struct loop *l, struct loop_source *s);

/* 0: waits for nothing until it is set again. */
void loop_set(struct loop *l, struct loop_source *s, uint32_t events);

/* One point in time from now on: `ready` is called once.  Setting it again moves it. */
int loop_timer(struct loop *l, struct loop_source *s, struct err *e);
void loop_timer_set(struct loop_source *s, uint64_t milliseconds); /* 0: off */

#endif
