#include "epochd/builder.h"

#include "common/arena.h"
#include "epochd/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MSEC 3000  /* from SIGTERM to SIGKILL */
#define LONGEST_LINE 4096
#define IOPRIO_LOWEST (2 << 13 | 7) /* best effort, 7 */
#define IOPRIO_WHO_PROCESS 1

/* ---- jobs ---- */

void job_argument(struct job *j, const char *argument)
{
	size_t n = 0;

	while (j->argv && j->argv[n])
		n++;
	j->argv = xrealloc(j->argv, (n + 2) * sizeof(*j->argv));
	j->argv[n] = xstrdup(argument);
	j->argv[n + 1] = NULL;
}

struct job builder_job(const struct builder *b)
{
	struct job j = {.cwd = -1, .out = -1, .err = -1};

	job_argument(&j, b->matr);
	job_argument(&j, "--store");
	job_argument(&j, b->store);
	return j;
}

static int copy_fd(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

struct job job_copy(const struct job *from)
{
	struct job j = *from;

	j.argv = NULL;
	for (size_t i = 0; from->argv && from->argv[i]; i++)
		job_argument(&j, from->argv[i]);
	j.cwd = copy_fd(from->cwd);
	j.out = copy_fd(from->out);
	j.err = copy_fd(from->err);
	return j;
}

void job_release(struct job *j)
{
	for (size_t i = 0; j->argv && j->argv[i]; i++)
		free(j->argv[i]);
	free(j->argv);
	if (j->cwd >= 0)
		close(j->cwd);
	if (j->out >= 0)
		close(j->out);
	if (j->err >= 0)
		close(j->err);
	*j = (struct job){.cwd = -1, .out = -1, .err = -1};
}

/* ---- in the child ---- */

static void lower_priority(void)
{
	struct sched_param none = {0};

	/* Each is worth something alone; none is worth failing for. */
	setpriority(PRIO_PROCESS, 0, BUILDER_NICE);
	sched_setscheduler(0, SCHED_BATCH, &none);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_LOWEST);
}

static void become(const struct job *j, pid_t daemon, int log)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != daemon)
		_exit(1);
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (j->low)
		lower_priority();
	if (j->cwd >= 0 && fchdir(j->cwd) < 0)
		_exit(1);
	if (dup2(j->out >= 0 ? j->out : log, STDOUT_FILENO) < 0 ||
	    dup2(j->err >= 0 ? j->err : log, STDERR_FILENO) < 0)
		_exit(1);
	execv(j->argv[0], j->argv);
	dprintf(STDERR_FILENO, "matr: cannot execute '%s': %s\n", j->argv[0], strerror(errno));
	_exit(127);
}

/* ---- what it prints ---- */

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/*
 * What goes wrong is a warning; what an update changed is worth a line.  The summary is in
 * `matr epoch status` as well, and what does not start is news only when it did before.  Lines that are indented belong to the one before.
 */
static enum log_level level_of(const struct builder *b, const char *line)
{
	if (begins(line, "matr: "))
		return LOG_WARNING;
	if (!b->build || begins(line, "epoch ") || begins(line, "nothing ") ||
	    begins(line, "programs that do not start"))
		return LOG_DEBUG;
	return line[0] == ' ' ? (enum log_level)b->level : LOG_NOTICE;
}

static void say_line(struct builder *b)
{
	if (!b->line.used)
		return;
	b->level = level_of(b, b->line.data);
	log_line((enum log_level)b->level, "%s", b->line.data);
	snprintf(b->last, sizeof(b->last), "%s",
		 b->line.data + (b->level == LOG_WARNING ? strlen("matr: ") : 0));
	buf_clear(&b->line);
}

static void read_output(void *context)
{
	struct builder *b = context;
	char bytes[4096];
	ssize_t n = read(b->output.fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || b->line.used >= LONGEST_LINE)
			say_line(b);
		if (bytes[i] != '\n')
			buf_put_u8(&b->line, (uint8_t)bytes[i]);
	}
	if (n > 0)
		return;
	say_line(b);
	loop_remove(b->loop, &b->output);
}

/* All that the child itself has written; what its orphans may still write is lost. */
static void drain_output(struct builder *b)
{
	for (int i = 0; b->output.fd >= 0 && i < 256; i++) {
		struct pollfd p = {.fd = b->output.fd, .events = POLLIN};

		if (poll(&p, 1, 0) < 1)
			break;
		read_output(b);
	}
	if (b->output.fd >= 0) {
		say_line(b);
		loop_remove(b->loop, &b->output);
	}
}

/* ---- its life ---- */

static void start_next(struct builder *b);

static void child_gone(void *context)
{
	struct builder *b = context;
	bool stopping = b->stopping, build = b->build;
	int status = 0;

	if (waitpid(b->pid, &status, WNOHANG) != b->pid)
		return;
	loop_remove(b->loop, &b->child);
	loop_timer_set(&b->patience, 0);
	drain_output(b);
	b->pid = 0;
	b->stopping = false;
	if (stopping)
		b->stopped(b->context);
	else if (build)
		b->ended(b->context, status, b->last);
	if (b->pid == 0)
		start_next(b);
}

static void lose_patience(void *context)
{
	struct builder *b = context;

	loop_timer_set(&b->patience, 0);
	if (b->pid && b->stopping)
		kill(-b->pid, SIGKILL);
}

/* The parent's side of fork(): 0, or the reason why the child is of no use. */
static int follow(struct builder *b, int pidfd, int output, struct err *e)
{
	b->child.fd = pidfd;
	b->output.fd = output;
	if (pidfd < 0)
		return err_sys(e, "cannot watch the builder");
	if (loop_add(b->loop, &b->child, EPOLLIN, e) < 0)
		return e->code;
	return loop_add(b->loop, &b->output, EPOLLIN, e);
}

static int launch(struct builder *b, const struct job *j, struct err *e)
{
	pid_t daemon = getpid();
	int log[2];

	if (pipe2(log, O_CLOEXEC) < 0)
		return err_sys(e, "cannot make a pipe");
	fcntl(log[0], F_SETFL, O_NONBLOCK);
	b->last[0] = '\0';
	b->level = LOG_DEBUG;
	b->build = j->build;
	b->stopping = false;
	b->pid = fork();
	if (b->pid == 0)
		become(j, daemon, log[1]);
	close(log[1]);
	if (b->pid < 0) {
		b->pid = 0;
		close(log[0]);
		return err_sys(e, "cannot start the builder");
	}
	setpgid(b->pid, b->pid); /* whoever is first, it has a group from now on */
	if (follow(b, (int)syscall(SYS_pidfd_open, b->pid, 0), log[0], e) == 0)
		return 0;
	kill(-b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	loop_remove(b->loop, &b->child);
	loop_remove(b->loop, &b->output);
	b->pid = 0;
	return e->code;
}

static void start_next(struct builder *b)
{
	struct job j = b->next;
	struct err e = ERR_INIT;

	b->next = (struct job){.cwd = -1, .out = -1, .err = -1};
	if (!j.argv)
		return;
	if (launch(b, &j, &e) < 0 && j.build)
		b->ended(b->context, W_EXITCODE(127, 0), e.text);
	job_release(&j);
}

void builder_init(struct builder *b)
{
	struct err e = ERR_INIT;

	b->pid = 0;
	b->child = (struct loop_source){.fd = -1, .ready = child_gone, .context = b};
	b->output = (struct loop_source){.fd = -1, .ready = read_output, .context = b};
	b->patience = (struct loop_source){.fd = -1, .ready = lose_patience, .context = b};
	b->next = (struct job){.cwd = -1, .out = -1, .err = -1};
	if (loop_timer(b->loop, &b->patience, &e) < 0)
		log_line(LOG_WARNING, "%s", e.text);
}

static void end_child(struct builder *b)
{
	if (!b->pid || b->stopping)
		return;
	b->stopping = true;
	kill(-b->pid, SIGTERM);
	loop_timer_set(&b->patience, PATIENCE_MSEC);
}

void builder_start(struct builder *b, struct job *job)
{
	job_release(&b->next);
	b->next = *job;
	*job = (struct job){.cwd = -1, .out = -1, .err = -1};
	if (b->pid)
		end_child(b);
	else
		start_next(b);
}

void builder_stop(struct builder *b)
{
	job_release(&b->next);
	end_child(b);
}

void builder_close(struct builder *b)
{
	builder_stop(b);
	if (b->pid) {
		struct pollfd p = {.fd = b->child.fd, .events = POLLIN};

		if (poll(&p, 1, PATIENCE_MSEC) < 1)
			kill(-b->pid, SIGKILL);
		waitpid(b->pid, NULL, 0);
	}
	loop_remove(b->loop, &b->child);
	loop_remove(b->loop, &b->output);
	loop_remove(b->loop, &b->patience);
	buf_release(&b->line);
}
