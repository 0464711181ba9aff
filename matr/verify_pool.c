/*
 * Many programs verified by several processes.
 *
 * Processes, not threads: a tracee belongs to the thread that traces it, the
 * timeout is a signal, and a worker that dies takes one program with it and
 * not the run.  A worker takes the next path from a shared counter, and writes
 * two lines of JSON per program to its pipe: that it begins, and the result.
 */
#include "matr/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	FILE *from; /* NULL: gone */
	size_t at;  /* the path it works on; SIZE_MAX: none */
	char complaint[ERR_TEXT_MAX];
};

struct pool {
	const struct verify_job *job;
	atomic_size_t *next; /* shared */
	struct worker *workers;
	size_t done;
};

/* ---- in a worker ---- */

static void put_line(FILE *to, json_t *j)
{
	json_dumpf(j, to, JSON_COMPACT);
	putc('\n', to);
	fflush(to);
	json_decref(j);
}

static void work(const struct pool *p, FILE *to)
{
	const struct verify_job *job = p->job;
	struct verify_worker *w;
	struct err e = ERR_INIT;
	size_t i;

	if (verify_worker_open(&w, job->options, &e) < 0) {
		put_line(to, json_pack("{s:s}", "failed", e.text));
		return;
	}
	while ((i = atomic_fetch_add(p->next, 1)) < job->count) {
		struct arena a = ARENA_INIT;
		struct verify_result r;

		put_line(to, json_pack("{s:I}", "begin", (json_int_t)i));
		verify_program(w, job->paths[i], &a, &r);
		put_line(to, verify_to_json(&r));
		arena_release(&a);
	}
	verify_worker_close(w);
}

static int start_worker(struct pool *p, struct worker *w, struct err *e)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	w->at = SIZE_MAX;
	w->pid = fork();
	if (w->pid == 0) {
		/* However this ends, nothing is left behind: tracees die with their tracer. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(ends[0]);
		work(p, fdopen(ends[1], "w"));
		_exit(0);
	}
	close(ends[1]);
	if (w->pid < 0) {
		close(ends[0]);
		return err_sys(e, "fork");
	}
	w->from = fdopen(ends[0], "r");
	/* poll() knows nothing of what stdio holds back. */
	setvbuf(w->from, NULL, _IONBF, 0);
	return 0;
}

/* ---- in the caller ---- */

static void deliver(struct pool *p, const struct verify_result *r)
{
	p->done++;
	p->job->each(p->job->context, r, p->done, p->job->count);
}

static void read_line(struct pool *p, struct worker *w, const char *line)
{
	struct arena a = ARENA_INIT;
	json_t *j = json_loads(line, 0, NULL);
	struct verify_result r;

	if (json_object_get(j, "begin")) {
		w->at = (size_t)json_integer_value(json_object_get(j, "begin"));
	} else if (json_object_get(j, "failed")) {
		snprintf(w->complaint, sizeof(w->complaint), "%s",
			 json_string_value(json_object_get(j, "failed")));
	} else if (verify_from_json(j, &a, &r)) {
		w->at = SIZE_MAX;
		deliver(p, &r);
	}
	json_decref(j);
	arena_release(&a);
}

/* The worker's pipe has ended. */
static int end_worker(struct pool *p, struct worker *w, struct err *e)
{
	int status = 0;
	struct verify_result r = {
	    .outcome = VERIFY_FAILED, .reason = "failed", .sentence = "the verifying process died"};

	fclose(w->from);
	w->from = NULL;
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (*w->complaint)
		return err_set(e, -EIO, "%s", w->complaint);
	if (w->at == SIZE_MAX)
		return 0;
	r.path = p->job->paths[w->at];
	deliver(p, &r);
	return start_worker(p, w, e);
}

static int serve(struct pool *p, struct err *e)
{
	unsigned n = p->job->processes;
	struct pollfd *polls = xcalloc(n, sizeof(*polls));
	char *line = NULL;
	size_t bytes = 0;
	int status = 0;

	while (status == 0) {
		unsigned alive = 0;

		for (unsigned i = 0; i < n; i++) {
			FILE *f = p->workers[i].from;

			polls[i] = (struct pollfd){.fd = f ? fileno(f) : -1, .events = POLLIN};
			alive += f != NULL;
		}
		if (!alive)
			break;
		if (poll(polls, n, -1) < 0 && errno != EINTR) {
			status = err_sys(e, "poll");
			break;
		}
		for (unsigned i = 0; i < n && status == 0; i++) {
			if (!polls[i].revents || !p->workers[i].from)
				continue;
			if (getline(&line, &bytes, p->workers[i].from) > 0)
				read_line(p, &p->workers[i], line);
			else
				status = end_worker(p, &p->workers[i], e);
		}
	}
	free(line);
	free(polls);
	return status;
}

static void stop_workers(struct pool *p)
{
	for (unsigned i = 0; i < p->job->processes; i++) {
		if (!p->workers[i].from)
			continue;
		kill(p->workers[i].pid, SIGKILL);
		fclose(p->workers[i].from);
		while (waitpid(p->workers[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

int verify_pool(const struct verify_job *job, struct err *e)
{
	struct pool p = {.job = job};
	int status = 0;

	p.next =
	    mmap(NULL, sizeof(*p.next), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.next == MAP_FAILED)
		return err_sys(e, "mmap");
	atomic_init(p.next, 0);
	p.workers = xcalloc(job->processes, sizeof(*p.workers));
	for (unsigned i = 0; i < job->processes && status == 0; i++)
		status = start_worker(&p, &p.workers[i], e);
	if (status == 0)
		status = serve(&p, e);
	stop_workers(&p);
	free(p.workers);
	munmap((void *)p.next, sizeof(*p.next));
	return status;
}
