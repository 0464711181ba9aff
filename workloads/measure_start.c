/*
 * measure_start.c - starts that are timed, and starts whose memory is taken at their end
 */
#include "workloads/measure.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- timed ---- */

static void add_usage(struct rusage *sum, const struct rusage *u)
{
	timeradd(&sum->ru_utime, &u->ru_utime, &sum->ru_utime);
	timeradd(&sum->ru_stime, &u->ru_stime, &sum->ru_stime);
	sum->ru_minflt += u->ru_minflt;
	sum->ru_majflt += u->ru_majflt;
}

static pid_t start(const struct options *o, char **environment)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(o->argv[0], o->argv, environment);
		_exit(127);
	}
	if (pid < 0)
		die("vfork");
	return pid;
}

/* The processes are the server's only children. */
void start_timed(const struct options *o, char **environment, int count, struct answer *a)
{
	uint64_t begin = now_nsec();
	struct rusage usage;
	int i, status;

	for (i = 0; i < count; i++)
		start(o, environment);
	for (i = 0; i < count; i++) {
		while (wait4(-1, &status, 0, &usage) < 0)
			if (errno != EINTR)
				die("wait4");
		add_usage(&a->usage, &usage);
		if (!a->status)
			a->status = status;
	}
	a->nsec = now_nsec() - begin;
}

/* ---- traced ---- */

/* smaps has a line for each mapping, "begin-end access offset device inode path", then its values.
 */
static int is_header(const char *line) { return strchr("0123456789abcdef", line[0]) != NULL; }

/* Memory that is shared is nobody's copy, even where only one process has it. */
static int is_private_file(const char *line)
{
	const char *access = strchr(line, ' ');

	return access && strlen(access) > 4 && access[4] == 'p' && strchr(access, '/');
}

static void add_mappings(FILE *f, struct answer *a)
{
	char line[4352];
	int of_file = 0;
	long kib;

	while (fgets(line, sizeof(line), f)) {
		if (is_header(line)) {
			of_file = is_private_file(line);
		} else if (sscanf(line, "Private_Dirty: %ld kB", &kib) == 1) {
			a->dirty += kib;
			a->dirty_files += of_file ? kib : 0;
		} else if (sscanf(line, "Pss: %ld kB", &kib) == 1) {
			a->pss += kib;
		}
	}
}

void add_memory_of(pid_t pid, struct answer *a)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "re");
	if (f) {
		add_mappings(f, a);
		fclose(f);
	}
}

/* The kernel stops a traced process when it ends, with its memory still there. */
void start_traced(const struct options *o, char **environment, struct answer *a)
{
	int status, signal_number;
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execve(o->argv[0], o->argv, environment);
		_exit(127);
	}
	if (pid < 0)
		die("fork");
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (status >> 16 == PTRACE_EVENT_EXIT)
			add_memory_of(pid, a);
		signal_number = status >> 16 || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal_number);
	}
	a->status = status;
}
