/* worker_crew.c - the engine's side of one crew */
#include "epochd/worker_crew.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_SECONDS 30

/* Away from the standard ones, which the crew has others for. */
static int high(int fd)
{
	int to = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (fd >= 0)
		close(fd);
	return to;
}

static int make_pair(int pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pair[0] = high(pair[0]);
	pair[1] = high(pair[1]);
	return pair[0] < 0 || pair[1] < 0 ? -EMFILE : 0;
}

/* The engine only reads, and no later crew inherits it. */
static int make_channel(struct crew_channel *c, struct crew_end *end)
{
	int pair[2] = {-1, -1};
	void *p;

	if (make_pair(pair) < 0)
		return -errno;
	c->fd = pair[0];
	end->fd = pair[1];
	end->memory = high(memfd_create("matr-answer", MFD_CLOEXEC));
	if (end->memory < 0 || ftruncate(end->memory, (off_t)CREW_ANSWER_MAX) < 0)
		return -errno;
	p = mmap(NULL, CREW_ANSWER_MAX, PROT_READ, MAP_SHARED | MAP_NORESERVE, end->memory, 0);
	if (p == MAP_FAILED)
		return -errno;
	c->answer = p;
	return madvise(p, CREW_ANSWER_MAX, MADV_DONTFORK) < 0 ? -errno : 0;
}

static void close_ends(struct crew_end *ends, unsigned count, int life)
{
	for (unsigned i = 0; i < count; i++) {
		if (ends[i].fd >= 0)
			close(ends[i].fd);
		if (ends[i].memory >= 0)
			close(ends[i].memory);
	}
	if (life >= 0)
		close(life);
}

static void fork_crew(struct crew *c, const struct crew_request *r, const struct crew_end *ends,
		      int life)
{
	resolver_before_fork(r->resolver);
	c->pid = fork();
	if (c->pid == 0)
		crew_work(r, ends, life);
	resolver_after_fork(r->resolver);
}

static int64_t now_msec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 1: something is there (or the end); 0: nothing came in time. */
static int wait_for(int fd, unsigned seconds)
{
	int64_t end = now_msec() + (int64_t)seconds * 1000, left;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	do {
		left = end - now_msec();
		n = left > 0 ? poll(&p, 1, (int)left) : 0;
	} while (n < 0 && errno == EINTR);
	return n != 0;
}

static bool is_there(struct crew *c)
{
	ssize_t n = wait_for(c->life, START_SECONDS)
			    ? recv(c->life, c->note, sizeof(c->note), 0) : -1;

	c->note[sizeof(c->note) - 1] = '\0';
	return n == (ssize_t)sizeof(c->note);
}

struct crew *crew_make(const struct crew_request *r, struct err *e)
{
	struct crew *c = xcalloc(1, sizeof(*c));
	struct crew_end *ends = xcalloc(r->threads, sizeof(*ends));
	int pair[2] = {-1, -1}, ret = make_pair(pair);
	char why[SANDBOX_NOTE_MAX];

	c->pid = -1;
	c->life = pair[0];
	c->channels = xcalloc(r->threads, sizeof(*c->channels));
	for (unsigned i = 0; i < r->threads; i++) {
		c->channels[i].fd = ends[i].fd = ends[i].memory = -1;
		if (ret == 0)
			ret = make_channel(&c->channels[i], &ends[i]);
		c->count++;
	}
	errno = -ret;
	if (ret == 0)
		fork_crew(c, r, ends, pair[1]);
	if (c->pid < 0)
		err_sys(e, "no process");
	close_ends(ends, r->threads, pair[1]);
	free(ends);
	if (c->pid > 0 && is_there(c))
		return c;
	ret = c->pid;
	crew_bury(c, why, sizeof(why));
	if (ret > 0)
		err_set(e, -ECHILD, "it %s", why);
	return NULL;
}

void *crew_ask(struct crew_channel *c, const struct question *q, unsigned seconds, size_t *bytes,
	       bool *late)
{
	struct iovec parts[2] = {{(void *)&q->flags, sizeof(uint32_t)},
				 {(void *)q->path, strlen(q->path) + 1}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	uint64_t size = 0;
	void *copy;

	*late = false;
	if (sendmsg(c->fd, &message, MSG_NOSIGNAL) < 0)
		return NULL;
	if (!wait_for(c->fd, seconds)) {
		*late = true;
		return NULL;
	}
	if (recv(c->fd, &size, sizeof(size), 0) != (ssize_t)sizeof(size) || !size ||
	    size > CREW_ANSWER_MAX)
		return NULL;
	copy = xmalloc(size);
	memcpy(copy, c->answer, size);
	*bytes = size;
	return copy;
}

static void tell(int status, char *why, size_t room)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	const char *text = "ended for no reason";

	if (WIFEXITED(status) && WEXITSTATUS(status) == CREW_NO_MEMORY)
		text = "ran out of memory";
	if (WIFEXITED(status) && WEXITSTATUS(status) == CREW_TOO_LARGE)
		text = "had too much to answer";
	if (WIFEXITED(status) && WEXITSTATUS(status) == CREW_NO_THREAD)
		text = "could make no thread";
	if (signal == SIGSYS)
		text = "tried what it may not do";
	if (signal == SIGXCPU)
		text = "took too much time";
	if (signal && signal != SIGSYS && signal != SIGXCPU)
		snprintf(why, room, "died of signal %d (%s)", signal, strsignal(signal));
	else
		snprintf(why, room, "%s", text);
}

int crew_end(const struct crew *c)
{
	return kill(c->pid, SIGKILL); /* the dead one keeps what it died of */
}

void crew_bury(struct crew *c, char *why, size_t room)
{
	int status = 0;

	/* Who may not end it (no CAP_KILL) does not wait: it ends by itself when the sockets close. */
	if (c->pid > 0 && crew_end(c) == 0)
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
	tell(status, why, room);
	for (unsigned i = 0; i < c->count; i++) {
		if (c->channels[i].answer)
			munmap((void *)c->channels[i].answer, CREW_ANSWER_MAX);
		if (c->channels[i].fd >= 0)
			close(c->channels[i].fd);
	}
	if (c->life >= 0)
		close(c->life);
	free(c->channels);
	free(c);
}
