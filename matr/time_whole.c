/* One start that nobody traces; and what a cpuid costs on this machine. */
#include "matr/time.h"

#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CPUIDS 50

static uint64_t now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- a whole run ---- */

/* A child of vfork: only system calls.  What the exec fails with comes back in *code. */
static void become_program(const struct time_server_facts *f, enum time_variant v,
			   volatile int *code)
{
	const struct time_target *t = f->target;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execve(t->path, t->options->argv, f->environment[v]);
	*code = errno;
	_exit(127);
}

/* The program, with whatever it started: they are a session of their own. */
static void kill_all(pid_t pid, int *status, struct rusage *usage)
{
	kill(-pid, SIGKILL);
	while (wait4(pid, status, 0, usage) < 0 && errno == EINTR)
		;
}

static void take_end(struct time_start *out, int status, const struct rusage *usage)
{
	if (out->outcome != TRACEE_TIMEOUT) {
		out->outcome = WIFEXITED(status) ? TRACEE_EXITED : TRACEE_KILLED;
		out->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
		out->complete = true;
	}
	out->minor = (uint64_t)usage->ru_minflt;
	out->major = (uint64_t)usage->ru_majflt;
}

void time_whole(const struct time_server_facts *f, enum time_variant v, struct time_start *out)
{
	struct rusage usage = {0};
	volatile int code = 0;
	uint64_t begun;
	int status = 0;
	pid_t pid;

	*out = (struct time_start){0};
	tracee_alarm(f->target->options->timeout);
	begun = now_nsec();
	pid = vfork();
	if (pid == 0)
		become_program(f, v, &code); /* NOLINT(clang-analyzer-unix.Vfork): only system calls */
	if (pid > 0 && wait4(pid, &status, 0, &usage) < 0) {
		out->outcome = TRACEE_TIMEOUT;
		kill_all(pid, &status, &usage);
	}
	out->nsec = now_nsec() - begun;
	tracee_alarm(0);
	if (pid < 0)
		code = errno;
	if (code) {
		out->code = -code;
		snprintf(out->text, sizeof(out->text), "cannot execute '%s': %s", f->target->path,
			 strerror(code));
	}
	take_end(out, status, &usage);
}

/* ---- costs ---- */

/* Leaf 4 describes the caches: ld.so asks for it several times. */
uint64_t time_cpuid_cost(void)
{
	unsigned a, b, c, d;
	uint64_t cost[CPUIDS], begun;

	for (size_t i = 0; i < CPUIDS; i++) {
		begun = now_nsec();
		__cpuid_count(4, 0, a, b, c, d);
		cost[i] = now_nsec() - begun;
	}
	return time_median(cost, CPUIDS);
}
