/*
 * server.h - the daemon's side of control.h
 *
 * Anyone may connect, so nobody is trusted: a bounded number of clients, a few
 * seconds for a request, packets of bounded size, never a call that waits.  Who a
 * client is tells the kernel (SO_PEERCRED).  Strangers have places of their own: they
 * cannot keep root or the store's owner out.
 */
#ifndef EPOCHD_SERVER_H
#define EPOCHD_SERVER_H

#include "epochd/control.h"
#include "epochd/loop.h"
#include "epochd/place.h"

#include <sys/types.h>

#define SERVER_CLIENTS 32
#define SERVER_STRANGERS 16   /* of these, for all others than root and the owner */
#define SERVER_SECONDS 5      /* from connecting to the request */

struct server;

struct client {
	struct server *server;
	struct loop_source source;
	pid_t pid;
	bool privileged;
	bool waiting; /* asked, and not answered yet */
	uint64_t deadline; /* milliseconds, CLOCK_MONOTONIC; 0: none */
	int fds[CONTROL_FDS]; /* of `begin`; -1: none, or taken by the handler */
};

struct server {
	struct loop *loop;
	const struct place *place;
	/*
	 * A request that this client may make.  The handler answers with server_answer(), now
	 * or later; r->arguments are gone when it returns.
	 */
	void (*handle)(void *context, struct client *c, const struct control_request *r);
	void (*gone)(void *context, struct client *c); /* a waiting client hung up */
	void *context;

	struct loop_source listener, timer;
	struct client clients[SERVER_CLIENTS];
};

int server_open(struct server *s, struct err *e);
void server_close(struct server *s); /* removes the socket */

/* Sends and hangs up; the client is no more. */
void server_answer(struct client *c, int status, const char *text);

#endif
