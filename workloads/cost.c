/*
 * cost - what one command costs, as a line for workloads/epochs
 *
 *	cost FILE COMMAND ARG...
 *
 * Appends to FILE, with tabs: seconds, seconds of processor time, peak resident
 * bytes, bytes of those that are its own memory (not of mapped files).  Exit status
 * is the command's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timespec t)
{
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double processor(const struct rusage *r)
{
	return (double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) +
	       (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec) / 1e6;
}

/* Anonymous memory of a living process, in KiB; 0: it has ended. */
static long own_memory(pid_t pid)
{
	char name[64], line[256];
	long kib = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	f = fopen(name, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "RssAnon:", 8) == 0)
			kib = strtol(line + 8, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

int main(int argc, char **argv)
{
	const struct timespec step = {.tv_nsec = 5000000};
	struct timespec start, end;
	struct rusage r;
	long most = 0, now;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid = vfork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	while (wait4(pid, &status, WNOHANG, &r) == 0) {
		now = own_memory(pid);
		most = now > most ? now : most;
		nanosleep(&step, NULL);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	f = fopen(argv[1], "ae");
	if (!f) {
		fprintf(stderr, "cost: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	fprintf(f, "%.3f\t%.3f\t%ld\t%ld\n", seconds(end) - seconds(start), processor(&r),
		r.ru_maxrss * 1024, most * 1024);
	fclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
