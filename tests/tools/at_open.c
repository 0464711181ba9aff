/*
 * at_open - change the world at one exact moment of a program's start
 *
 *	at_open before|after SUFFIX COMMAND PROGRAM ARGS...
 *
 * Runs the program under ptrace; when it opens a path that ends in SUFFIX for the
 * first time, COMMAND runs (in a shell) before the system call or right behind
 * it; then the program goes on alone.  Exits as the program does; 99: never opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int opens(pid_t pid, const char *suffix)
{
	struct __ptrace_syscall_info info;
	char name[64], path[4096] = "";
	unsigned long at;
	size_t n, s = strlen(suffix);
	int fd;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return 0;
	if (info.entry.nr == SYS_openat)
		at = info.entry.args[1];
	else if (info.entry.nr == SYS_open)
		at = info.entry.args[0];
	else
		return 0;
	snprintf(name, sizeof(name), "/proc/%d/mem", pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (pread(fd, path, sizeof(path) - 1, at) < 0)
		path[0] = 0;
	close(fd);
	n = strnlen(path, sizeof(path) - 1);
	return n >= s && !strcmp(path + n - s, suffix);
}

int main(int argc, char **argv)
{
	int status, done = 0, at_exit = 0;
	pid_t pid;

	if (argc < 5)
		return 98;
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execv(argv[4], argv + 4);
		_exit(97);
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC);
	while (!done) {
		int sig = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		if (WIFEXITED(status) || WIFSIGNALED(status))
			return 99;
		if (sig == (SIGTRAP | 0x80)) {
			if (at_exit)
				done = 1;
			else if (opens(pid, argv[2])) {
				if (strcmp(argv[1], "before") == 0)
					done = 1;
				at_exit = 1;
			}
		}
		if (done)
			break;
		sig = sig == SIGSTOP || (sig & 0x7f) == SIGTRAP ? 0 : sig;
		ptrace(PTRACE_SYSCALL, pid, 0, sig);
		waitpid(pid, &status, 0);
	}
	if (system(argv[3]) != 0)
		return 96;
	ptrace(PTRACE_DETACH, pid, 0, 0);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
