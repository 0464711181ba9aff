/* What clients ask for. */
#include "epochd/daemon_internal.h"

#include "common/arena.h"
#include "epochd/log.h"

#include <stdio.h>
#include <string.h>

void daemon_answer(struct daemon *d, int status, const char *text)
{
	struct client *c = d->asking;

	d->asking = NULL;
	job_release(&d->asked);
	if (c)
		server_answer(c, status, text);
}

void daemon_client_gone(void *context, struct client *c)
{
	struct daemon *d = context;

	if (d->asking != c)
		return;
	/* The build goes on; one that has to start over is the daemon's own. */
	d->asking = NULL;
	job_release(&d->asked);
}

/* matr [-q] [--json] epoch begin --here ARGUMENTS, with the client's descriptors */
static struct job asked_job(const struct daemon *d, struct client *c,
			    const struct control_request *r)
{
	struct job j = builder_job(&d->builder);
	size_t i;

	for (i = 0; i < r->count && i < CONTROL_GLOBALS; i++)
		if (*r->arguments[i])
			job_argument(&j, r->arguments[i]);
	job_argument(&j, "epoch");
	job_argument(&j, "begin");
	job_argument(&j, "--here");
	for (; i < r->count; i++)
		job_argument(&j, r->arguments[i]);
	j.build = true;
	j.cwd = c->fds[0];
	j.out = c->fds[1];
	j.err = c->fds[2];
	c->fds[0] = c->fds[1] = c->fds[2] = -1;
	return j;
}

static void begin(struct daemon *d, struct client *c, const struct control_request *r)
{
	char text[128];

	if (d->asking) {
		snprintf(text, sizeof(text), "process %d has asked for an epoch already",
			 (int)d->asking->pid);
		server_answer(c, 1, text);
		return;
	}
	d->asking = c;
	d->asked = asked_job(d, c, r);
	snprintf(text, sizeof(text), "process %d", (int)c->pid);
	daemon_event(d, EVENT_BEGIN_ASKED, text);
}

static void show_status(struct daemon *d, struct client *c)
{
	struct buf text = BUF_INIT;

	tree_describe(&d->tree, &d->status.watch);
	status_write(&d->status, &text);
	server_answer(c, 0, text.data);
	buf_release(&text);
}

void daemon_client_asks(void *context, struct client *c, const struct control_request *r)
{
	struct daemon *d = context;

	switch (r->kind) {
	case CONTROL_STATUS:
		show_status(d, c);
		return;
	case CONTROL_BEGIN:
		begin(d, c, r);
		return;
	case CONTROL_END:
		daemon_event(d, EVENT_END_ASKED, "");
		break;
	case CONTROL_PACKAGES_BEGIN:
		daemon_event(d, EVENT_PACKAGES_BEGUN, "a hook says so");
		break;
	case CONTROL_PACKAGES_END:
		daemon_event(d, EVENT_PACKAGES_ENDED, "a hook says so");
		break;
	case CONTROL_ROOTS:
		daemon_watch_again(d);
		daemon_event(d, EVENT_LOST, "the roots have changed");
		break;
	default:
		break;
	}
	server_answer(c, 0, "");
}
