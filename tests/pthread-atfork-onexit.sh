#!/bin/bash
# atexit, on_exit, at_quick_exit and pthread_atfork handlers that live in libraries.
. "$(dirname "$0")/lib.sh"

lib liba.so -pthread <<'E'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static void say(const char *s) { puts(s); fflush(stdout); }
static void before(void) { say("prepare"); }
static void parent(void) { say("parent"); }
static void quick(void) { say("quick"); }
static void leave(int status, void *p) { printf("%s %d\n", (char *)p, status); }
void setup(void) { pthread_atfork(before, parent, NULL); on_exit(leave, "leave"); at_quick_exit(quick); }
E
prog p liba.so <<'E'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
void setup(void);
int main(int argc, char **argv)
{
	setup();
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	if (argc > 1)
		quick_exit(3);
	return 4;
}
E
printf '%s\n' prepare parent 'leave 4' 'exit 4' | both ./p
printf '%s\n' prepare parent quick 'exit 3' | both ./p quickly
