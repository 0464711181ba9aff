#include "epochd/server.h"

#include "epochd/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void close_fds(int *fds)
{
	for (int i = 0; i < CONTROL_FDS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static void drop(struct client *c)
{
	bool waiting = c->waiting;

	loop_remove(c->server->loop, &c->source);
	close_fds(c->fds);
	c->waiting = false;
	c->deadline = 0;
	if (waiting)
		c->server->gone(c->server->context, c);
}

void server_answer(struct client *c, int status, const char *text)
{
	struct buf b = BUF_INIT;

	control_encode_answer(status, text, &b);
	/* Who does not read his answer does not get it. */
	if (send(c->source.fd, b.data, b.used, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_line(LOG_DEBUG, "process %d takes no answer", (int)c->pid);
	buf_release(&b);
	c->waiting = false;
	drop(c);
}

/* ---- requests ---- */

/* Takes what descriptors the kernel has installed: those wanted, and closes all others. */
static void take_rights(struct msghdr *m, int *fds)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int taken = 0;

	for (; c; c = CMSG_NXTHDR(m, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (taken < CONTROL_FDS && fds[taken] < 0)
				fds[taken++] = fd;
			else
				close(fd);
		}
	}
}

static ssize_t receive(struct client *c, char *bytes, size_t room)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(CONTROL_FDS * sizeof(int))];
	} rights;
	struct iovec part = {.iov_base = bytes, .iov_len = room};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = rights.bytes,
			   .msg_controllen = sizeof(rights.bytes)};
	ssize_t n = recvmsg(c->source.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	take_rights(&m, c->fds);
	return m.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -EMSGSIZE : n;
}

static void handle(struct client *c, const char *bytes, size_t length)
{
	struct control_request r;
	struct err e = ERR_INIT;
	const char **arguments;

	if (control_decode(bytes, length, &r, &arguments, &e) < 0) {
		server_answer(c, 1, e.text);
		return;
	}
	c->waiting = true;
	if (r.kind != CONTROL_STATUS && !c->privileged)
		server_answer(c, 1, "only root and the store's owner may ask epochd for this");
	else if (r.kind == CONTROL_BEGIN && c->fds[CONTROL_FDS - 1] < 0)
		server_answer(c, 1, "a request without descriptors");
	else
		c->server->handle(c->server->context, c, &r);
	free(arguments);
}

static void client_ready(void *context)
{
	static char bytes[CONTROL_MAX_BYTES];
	struct client *c = context;
	ssize_t n;

	/* One request a connection: what comes after it is a hang-up, or taken for one. */
	if (c->waiting) {
		drop(c);
		return;
	}
	n = receive(c, bytes, sizeof(bytes));
	if (n == -EAGAIN || n == -EINTR)
		return;
	c->deadline = 0;
	if (n <= 0)
		drop(c);
	else
		handle(c, bytes, (size_t)n);
}

/* ---- clients come and go ---- */

static void check_deadlines(void *context)
{
	struct server *s = context;
	uint64_t now = now_msec(), next = 0;

	loop_timer_set(&s->timer, 0);
	for (int i = 0; i < SERVER_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (c->source.fd < 0 || !c->deadline)
			continue;
		if (c->deadline <= now)
			drop(c);
		else if (!next || c->deadline < next)
			next = c->deadline;
	}
	if (next)
		loop_timer_set(&s->timer, next - now);
}

static struct client *free_place(struct server *s, bool privileged)
{
	struct client *found = NULL;
	int strangers = 0;

	for (int i = 0; i < SERVER_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (c->source.fd < 0)
			found = c;
		else if (!c->privileged)
			strangers++;
	}
	return !privileged && strangers >= SERVER_STRANGERS ? NULL : found;
}

static void welcome(struct server *s, int fd)
{
	struct ucred who = {.uid = (uid_t)-1};
	socklen_t bytes = sizeof(who);
	struct err e = ERR_INIT;
	struct client *c;
	bool privileged;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &bytes) < 0)
		who.uid = (uid_t)-1;
	privileged = who.uid == 0 || who.uid == s->place->owner;
	c = free_place(s, privileged);
	if (!c) {
		close(fd);
		return;
	}
	*c = (struct client){.server = s,
			     .source = {.fd = fd, .ready = client_ready, .context = c},
			     .pid = who.pid,
			     .privileged = privileged,
			     .deadline = now_msec() + SERVER_SECONDS * 1000,
			     .fds = {-1, -1, -1}};
	if (loop_add(s->loop, &c->source, EPOLLIN, &e) < 0)
		drop(c);
	check_deadlines(s);
}

static void listener_ready(void *context)
{
	struct server *s = context;
	int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		welcome(s, fd);
}

/* ---- the socket ---- */

/* The daemon's working directory is the store's folder: the name is short enough there. */
static int bind_socket(const struct server *s, int fd, struct err *e)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = CONTROL_SOCKET};

	if (fchdir(s->place->fd) < 0)
		return err_sys(e, "cannot enter '%s'", s->place->dir);
	unlinkat(s->place->fd, CONTROL_SOCKET, 0); /* of one that was killed: the lock is ours */
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return err_sys(e, "cannot make '%s/" CONTROL_SOCKET "'", s->place->dir);
	/* Connecting takes the right to write. */
	if (fchmodat(s->place->fd, CONTROL_SOCKET, s->place->shared ? 0666 : 0600, 0) < 0 ||
	    listen(fd, SERVER_CLIENTS) < 0)
		return err_sys(e, "cannot listen on '%s/" CONTROL_SOCKET "'", s->place->dir);
	return 0;
}

int server_open(struct server *s, struct err *e)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), ret;

	for (int i = 0; i < SERVER_CLIENTS; i++)
		s->clients[i] = (struct client){.source = LOOP_SOURCE_INIT, .fds = {-1, -1, -1}};
	s->listener = (struct loop_source){.fd = fd, .ready = listener_ready, .context = s};
	s->timer = (struct loop_source){.fd = -1, .ready = check_deadlines, .context = s};
	if (fd < 0)
		return err_sys(e, "cannot make a socket");
	ret = bind_socket(s, fd, e);
	if (ret == 0)
		ret = loop_timer(s->loop, &s->timer, e);
	return ret == 0 ? loop_add(s->loop, &s->listener, EPOLLIN, e) : ret;
}

void server_close(struct server *s)
{
	for (int i = 0; i < SERVER_CLIENTS; i++)
		if (s->clients[i].source.fd >= 0)
			server_answer(&s->clients[i], 1, "epochd ends");
	if (s->listener.fd >= 0)
		unlinkat(s->place->fd, CONTROL_SOCKET, 0);
	loop_remove(s->loop, &s->listener);
	loop_remove(s->loop, &s->timer);
}
