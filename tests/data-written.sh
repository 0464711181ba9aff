#!/bin/bash
# Writable data of libraries is private: a process's changes are seen by no other, nor by the next start.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
int n = 1;
int *p = &n;
char page[8192] = "page";
int bump(void) { page[5000]++; return ++*p + page[5000]; }
E
prog p -fPIC liba.so <<'E'
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int bump(void);
extern int n;
int main(void)
{
	bump();
	pid_t child = fork();
	if (!child) {
		bump();
		_exit(bump());
	}
	int status;
	waitpid(child, &status, 0);
	int mine = bump();
	printf("%d %d %d\n", n, WEXITSTATUS(status), mine);
	return 0;
}
E
both ./p <<<'3 7 5'
both ./p <<<'3 7 5'
