/*
 * daemon_internal.h - the daemon's parts, for daemon*.c only
 *
 * daemon.c: opens and closes, signals.  daemon_step.c: events and actions.
 * daemon_ask.c: what clients want.  daemon_watch.c: what is watched.
 */
#ifndef EPOCHD_DAEMON_INTERNAL_H
#define EPOCHD_DAEMON_INTERNAL_H

#include "epochd/builder.h"
#include "epochd/daemon.h"
#include "epochd/machine.h"
#include "epochd/packages.h"
#include "epochd/server.h"
#include "epochd/status.h"
#include "epochd/watch_tree.h"

struct daemon {
	const struct daemon_options *options;
	struct place place;
	struct loop loop;
	struct loop_source signals, timer;
	struct builder builder;
	struct server server;

	struct spots files; /* the store's folder and /etc */
	int etc, etc_loader;
	bool muted;	    /* while what has happened so far is passed over */
	struct spots databases;
	struct packages packages;
	struct tree tree;
	struct loop_source lost; /* timer: the kernel lost events some time ago */
	bool lost_waits;

	enum machine_state state;
	uint64_t epoch;	    /* current, as last seen; 0: none */
	bool withdrawn;	    /* and nobody may publish: what a stopped builder leaves goes too */
	bool rekey;	    /* the system was started since the last epoch */
	bool ended;	    /* by hand, and no epoch has been made since */
	bool homeless;	    /* the store's folder was moved or removed */
	uint64_t retry_msec;
	struct client *asking;	 /* whose build is wanted or runs; NULL: none */
	struct job asked;	 /* what it wants, kept to start over; argv NULL: nothing */
	int64_t build_began_nsec; /* CLOCK_MONOTONIC; 0: no build runs */
	struct status status;
};

/* daemon_step.c */
void daemon_event(struct daemon *d, enum machine_event event, const char *what);
void daemon_write_status(struct daemon *d);
void daemon_builder_ended(void *context, int status, const char *last_line);
void daemon_builder_stopped(void *context);

/* daemon_ask.c */
void daemon_client_asks(void *context, struct client *c, const struct control_request *r);
void daemon_client_gone(void *context, struct client *c);
void daemon_answer(struct daemon *d, int status, const char *text); /* to who asked for the build */

/* daemon_watch.c */
int daemon_watch_open(struct daemon *d, struct err *e);
void daemon_watch_close(struct daemon *d);
void daemon_watch_drain(struct daemon *d);
void daemon_watch_again(struct daemon *d); /* the roots may have changed */

#endif
