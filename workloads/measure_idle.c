/*
 * measure_idle.c - the memory of processes that have nothing to do
 */
#include "workloads/measure.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	POLL_MSEC = 50,
	QUIET_POLLS = 6,   /* without any processor time: idle */
	MOST_POLLS = 1200, /* a minute; then it counts as idle */
	MAX_PROCESSES = 256,
};

/* Processor time in ticks; -1 where it is running or gone. */
static long ticks_of(pid_t pid)
{
	unsigned long user, system;
	char path[64], line[1024], state, *end;
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!end)
		return -1;
	n = sscanf(end + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &user,
		   &system);
	return n == 3 && state != 'R' && state != 'D' ? (long)(user + system) : -1;
}

/* The processor time of all; -1 where one is running. */
static long ticks_of_all(const pid_t *pids, int count)
{
	long sum = 0, ticks;
	int i;

	for (i = 0; i < count; i++) {
		ticks = ticks_of(pids[i]);
		if (ticks < 0)
			return -1;
		sum += ticks;
	}
	return sum;
}

static void wait_until_idle(const pid_t *pids, int count)
{
	const struct timespec pause = {.tv_nsec = POLL_MSEC * 1000000l};
	long before = -1, ticks;
	int quiet = 0, polls;

	for (polls = 0; polls < MOST_POLLS && quiet < QUIET_POLLS; polls++) {
		nanosleep(&pause, NULL);
		ticks = ticks_of_all(pids, count);
		quiet = ticks >= 0 && ticks == before ? quiet + 1 : 0;
		before = ticks;
	}
}

/* A process group of its own takes what the program starts. */
static pid_t start_waiting(const struct options *o, char **environment, int input)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		dup2(input, 0);
		execve(o->argv[0], o->argv, environment);
		_exit(127);
	}
	if (pid < 0)
		die("fork");
	setpgid(pid, pid); /* whoever comes first */
	return pid;
}

void start_idle(const struct options *o, char **environment, int count, struct answer *a)
{
	pid_t pids[MAX_PROCESSES];
	int i, status, input[2];

	if (count > MAX_PROCESSES || pipe2(input, O_CLOEXEC) < 0)
		die("%d processes", count);
	for (i = 0; i < count; i++)
		pids[i] = start_waiting(o, environment, input[0]);
	wait_until_idle(pids, count);
	for (i = 0; i < count; i++) {
		if (waitpid(pids[i], &status, WNOHANG) == pids[i]) {
			a->status = status ? status : 1 << 8; /* it should not have ended */
			pids[i] = -1;
			continue;
		}
		add_memory_of(pids[i], a);
	}
	for (i = 0; i < count; i++) {
		if (pids[i] < 0)
			continue;
		kill(-pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
	}
	close(input[0]);
	close(input[1]);
}
