#!/bin/bash
# vfork, posix_spawn and fork from an enabled program; the child is enabled too.
. "$(dirname "$0")/lib.sh"

prog child <<<'#include <stdio.h>
int main(int argc, char **argv) { printf("child %s\n", argv[1]); return 5; }'
prog p <<'E'
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
static void wait_for(pid_t pid)
{
	int status;
	waitpid(pid, &status, 0);
	printf("status %d\n", WEXITSTATUS(status));
}
int main(int argc, char **argv)
{
	pid_t pid;
	setbuf(stdout, NULL);
	if ((pid = vfork()) == 0) {
		execl(argv[1], argv[1], "vfork", NULL);
		_exit(1);
	}
	wait_for(pid);
	posix_spawn(&pid, argv[1], NULL, NULL, (char *[]){ argv[1], "spawn", NULL }, environ);
	wait_for(pid);
	if ((pid = fork()) == 0)
		_exit(puts("forked") < 0);
	wait_for(pid);
	return 0;
}
E
printf '%s\n' 'child vfork' 'status 5' 'child spawn' 'status 5' forked 'status 0' | both ./p ./child
