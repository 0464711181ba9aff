/*
 * A process that starts the program whenever it is asked to.
 *
 * It enters the private view once, so that making it is no part of a start, and
 * it is small, so that its children begin as a shell's would.  Requests and
 * answers are structures over a socket pair; it ends when the other end is closed.
 */
#include "matr/time.h"

#include "matr/private_view.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENVIRONMENT_MORE 4

struct ask {
	enum time_what what; /* 0: is the server ready? */
	enum time_variant variant;
};

/* ---- in the server ---- */

static bool has_name(const char *variable, const char *name)
{
	size_t n = strlen(name);

	return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

/* The user's environment, but for what the variants are about and what would make the shim talk. */
static char **make_environment(const struct time_target *t, enum time_variant v, bool talk)
{
	char **out, *store = NULL;
	size_t n = 0, count = 0;

	while (environ[count])
		count++;
	out = xcalloc(count + ENVIRONMENT_MORE, sizeof(*out));
	for (size_t i = 0; i < count; i++)
		if (!has_name(environ[i], "LD_BIND_NOW") && !has_name(environ[i], "LD_MATR_DEBUG") &&
		    !has_name(environ[i], "LD_MATR_REQUIRE") &&
		    (v != TIME_MATR || !t->store || !has_name(environ[i], "LD_MATR_STORE")))
			out[n++] = environ[i];
	if (v == TIME_NOW)
		out[n++] = xstrdup("LD_BIND_NOW=1");
	if (v == TIME_MATR && t->store && asprintf(&store, "LD_MATR_STORE=%s", t->store) > 0)
		out[n++] = store;
	if (v == TIME_MATR && talk)
		out[n++] = xstrdup("LD_MATR_DEBUG=1");
	return out;
}

/* What the program writes is lost, or goes where no result goes. */
static int redirect(const struct time_target *t, struct err *e)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0)
		return err_sys(e, "/dev/null");
	if (t->options->show_output ? dup2(2, 1) < 0 : dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return err_sys(e, "dup2");
	return 0;
}

static int prepare(const struct time_target *t, const char *interpreter, struct err *e)
{
	bool user_namespace;

	if (interpreter && (private_view_enter(&user_namespace, e) < 0 ||
			    private_view_show(t->program, interpreter, e) < 0))
		return e->code;
	return redirect(t, e);
}

static void answer(struct time_server_facts *f, const struct ask *ask, struct time_start *out)
{
	char **quiet = f->environment[ask->variant];

	if (ask->what == TIME_WHOLE && f->target->options->to_exit) {
		time_whole(f, ask->variant, out);
		return;
	}
	if (ask->what == TIME_SHOW_PATH)
		f->environment[ask->variant] = make_environment(f->target, ask->variant, true);
	time_traced(f, ask->what, ask->variant, out);
	if (ask->what == TIME_SHOW_PATH) {
		free(f->environment[ask->variant]);
		f->environment[ask->variant] = quiet;
	}
}

static void serve(const struct time_target *t, const char *interpreter, int fd)
{
	struct time_server_facts f = {.target = t};
	struct time_start out = {0};
	struct err e = ERR_INIT;
	struct ask ask;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	for (int v = 0; v < TIME_VARIANTS; v++)
		f.environment[v] = make_environment(t, (enum time_variant)v, false);
	out.code = prepare(t, interpreter, &e);
	snprintf(out.text, sizeof(out.text), "%s", e.text);
	while (read(fd, &ask, sizeof(ask)) == sizeof(ask)) {
		if (ask.what)
			answer(&f, &ask, &out);
		if (write(fd, &out, sizeof(out)) != sizeof(out))
			break;
	}
	_exit(0);
}

/* ---- for the client ---- */

static int read_answer(int fd, struct time_start *out)
{
	size_t done = 0;
	ssize_t n;

	while (done < sizeof(*out)) {
		n = read(fd, (char *)out + done, sizeof(*out) - done);
		if (n < 0 && errno == EINTR)
			return -EINTR;
		if (n <= 0)
			return -EPIPE;
		done += (size_t)n;
	}
	return 0;
}

int time_server_ask(struct time_server *s, enum time_what what, enum time_variant v,
		    struct time_start *out, struct err *e)
{
	struct ask ask = {what, v};
	int status;

	if (send(s->fd, &ask, sizeof(ask), MSG_NOSIGNAL) != sizeof(ask))
		return err_set(e, -EPIPE, "the process that starts the program has ended");
	status = read_answer(s->fd, out);
	if (status == -EINTR)
		return err_set(e, status, "interrupted");
	if (status < 0)
		return err_set(e, status, "the process that starts the program has ended");
	return out->code < 0 ? err_set(e, out->code, "%s", out->text) : 0;
}

int time_server_start(struct time_server *s, const struct time_target *t, const char *interpreter,
		      struct err *e)
{
	struct time_start ready;
	int pair[2];

	*s = (struct time_server){.fd = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "socketpair");
	fflush(NULL);
	s->pid = fork();
	if (s->pid == 0) {
		close(pair[0]);
		serve(t, interpreter, pair[1]);
	}
	close(pair[1]);
	s->fd = pair[0];
	if (s->pid < 0) {
		s->pid = 0;
		return err_sys(e, "fork");
	}
	return time_server_ask(s, 0, TIME_LAZY, &ready, e);
}

void time_server_end(struct time_server *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*s = (struct time_server){.fd = -1};
}
