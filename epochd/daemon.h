/*
 * daemon.h - the store's keeper: the world becomes events, the table's answers become deeds
 *
 *	watches, locks, clients, signals, builder, timer
 *	        |  event
 *	machine_step(state, event)        machine.h: what happens is decided there
 *	        |  actions, next state
 *	withdraw, build, stop, wait, answer;  S/status, log, service manager
 *
 * One thread; nothing here waits for anything but in the loop.  The daemon holds
 * no state that is needed after kill -9: what it finds in the store's folder is
 * checked by an epoch that it begins as soon as it runs.
 */
#ifndef EPOCHD_DAEMON_H
#define EPOCHD_DAEMON_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define DAEMON_QUIET_MSEC 2000		/* without changes, before an epoch begins */
#define DAEMON_HOOK_MSEC (10 * 60 * 1000) /* a hook's word without a lock holds so long */
#define DAEMON_LOST_MSEC 10000		/* between lost events and looking again */
#define DAEMON_RETRY_MSEC 2000		/* the first pause after a failure; each is twice the last */
#define DAEMON_LONGEST_RETRY_MSEC (60 * 60 * 1000)

struct daemon_options {
	const char *store;
	const char *matr; /* what is executed */
	unsigned quiet_msec;
	bool inotify;	  /* even where fanotify may be used */
	char *const *begin; /* options for every begin of its own, ended by NULL; may be NULL */
};

/* Until SIGTERM or SIGINT, or an error before it was ready. */
int daemon_run(const struct daemon_options *o, struct err *e);

#endif
