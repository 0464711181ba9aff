#!/bin/bash
# Thread-local variables in all four models, with initial values, in two threads.
. "$(dirname "$0")/lib.sh"

lib libgd.so -ftls-model=global-dynamic <<'E'
__thread int gd = 1;
__thread char pad[3] = "ab";
int use_gd(void) { return gd += 1; }
E
lib libld.so -ftls-model=local-dynamic <<'E'
static __thread int a = 10, b = 20;
int use_ld(void) { return (a += 1) + (b += 1); }
E
lib libie.so -ftls-model=initial-exec libgd.so <<'E'
extern __thread int gd;
__thread int ie = 100;
int use_ie(void) { return (ie += 1) * 10 + gd; }
E
prog p -pthread libgd.so libld.so libie.so <<'E'
#include <pthread.h>
#include <stdio.h>
extern __thread int gd, ie;
static __thread int le = 1000;
int use_gd(void), use_ld(void), use_ie(void);
static void *run(void *name)
{
	int a = use_gd() + use_gd(), b = use_ld(), c = use_ie();
	printf("%s %d %d %d %d %d %d\n", (char *)name, a, b, c, ++gd, ++ie, ++le);
	return NULL;
}
int main(void)
{
	pthread_t t;
	run("main");
	pthread_create(&t, NULL, run, "thread");
	pthread_join(t, NULL);
	return 0;
}
E
both ./p <<'E'
main 5 32 1013 4 102 1001
thread 5 32 1013 4 102 1001
E
