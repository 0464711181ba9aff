#!/bin/bash
# vfork, posix_spawn, fork, system and popen from an enabled program; the children are enabled too.
. "$(dirname "$0")/lib.sh"

prog child <<'E'
#include <stdio.h>
int main(int argc, char **argv) { printf("child %s\n", argv[1]); return 5; }
E
prog p <<'E'
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
static void wait_for(pid_t pid)
{
	int status;
	waitpid(pid, &status, 0);
	printf("status %d\n", WEXITSTATUS(status));
	fflush(stdout);
}
int main(int argc, char **argv)
{
	pid_t pid;
	char line[100] = "";
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
	setenv("CHILD", argv[1], 1);
	printf("system %d\n", WEXITSTATUS(system("$CHILD system")));
	FILE *f = popen("$CHILD popen", "r");
	fgets(line, sizeof line, f);
	printf("%s%d\n", line, WEXITSTATUS(pclose(f)));
	return 0;
}
E
both ./p ./child <<'E'
child vfork
status 5
child spawn
status 5
forked
status 0
child system
system 5
child popen
5
E
