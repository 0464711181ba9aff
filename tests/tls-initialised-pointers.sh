#!/bin/bash
# Initial values of thread-local variables that are addresses, for every thread and after dlopen.
. "$(dirname "$0")/lib.sh"

for x in a b; do
	lib lib$x.so <<E
int base_$x = 3;
static int local = 4;
__thread int *external = &base_$x, *internal = &local;
int $x(void) { return *external * 10 + *internal; }
E
done
prog p -pthread -fPIC liba.so <<'E'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
int a(void);
extern int base_a;
static __thread int *mine = &base_a;
static int (*b)(void);
static void *run(void *unused) { printf("%d %d %d\n", a(), *mine, b ? b() : 0); return NULL; }
int main(void)
{
	pthread_t t;
	run(NULL);
	base_a = 5;
	b = dlsym(dlopen("libb.so", RTLD_NOW), "b");
	pthread_create(&t, NULL, run, NULL);
	return pthread_join(t, NULL);
}
E
printf '%s\n' '34 3 0' '54 5 54' | both ./p
