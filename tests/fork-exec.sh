#!/bin/bash
# A program that forks and executes itself again: child and grandchild take the fast path too.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'static int n; int *p = &n; int one(void) { return ++*p; }'
prog main libone.so <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
extern int one(void);
int main(int argc, char **argv)
{
	int depth = argc > 1 ? atoi(argv[1]) : 0, status = 0;
	char next[8];
	printf("depth %d, call %d\n", depth, one());
	fflush(stdout);
	if (depth == 3)
		return 7;
	sprintf(next, "%d", depth + 1);
	if (fork() == 0) {
		printf("child of %d, call %d\n", depth, one());
		fflush(stdout);
		execl(argv[0], argv[0], next, NULL);
		_exit(1);
	}
	wait(&status);
	printf("depth %d, call %d, child %d\n", depth, one(), WEXITSTATUS(status));
	return WEXITSTATUS(status);
}
C
both ./main 1 <<'E'
depth 1, call 1
child of 1, call 2
depth 2, call 1
child of 2, call 2
depth 3, call 1
depth 2, call 2, child 7
depth 1, call 2, child 7
exit 7
E
