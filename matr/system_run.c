#include "matr/system_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static _Noreturn void child(const struct system_run *r, int output)
{
	const char *environment[8] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
	int n = 2, null;

	for (int i = 0; r->variables[i]; i++)
		environment[n++] = r->variables[i];
	if ((r->root[0] && chroot(r->root) < 0) || chdir("/") < 0)
		_exit(127);
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, 0) < 0)
		close(0);
	if (dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(127);
	if (r->secure && setresuid(NOBODY, 0, 0) < 0)
		_exit(127);
	alarm(SYSTEM_RUN_SECONDS);
	execve(r->path ? r->path : r->argv[0], r->argv, (char *const *)environment);
	_exit(127);
}

static int read_output(struct system_run *r, int fd, struct err *e)
{
	off_t bytes = lseek(fd, 0, SEEK_END);

	if (bytes < 0 || pread(fd, buf_extend(&r->output, (size_t)bytes), (size_t)bytes, 0) != bytes)
		return err_sys(e, "cannot read what '%s' wrote", r->argv[0]);
	return 0;
}

int system_run(struct system_run *r, struct err *e)
{
	int output = memfd_create("output", MFD_CLOEXEC), status = 0;
	pid_t pid;

	if (output < 0)
		return err_sys(e, "memfd_create");
	pid = fork();
	if (pid == 0)
		child(r, output);
	if (pid < 0)
		status = err_sys(e, "fork");
	while (pid > 0 && waitpid(pid, &r->status, 0) < 0)
		if (errno != EINTR) {
			status = err_sys(e, "waitpid");
			break;
		}
	if (status == 0)
		status = read_output(r, output, e);
	close(output);
	return status;
}
