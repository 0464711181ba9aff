#!/bin/bash
# Threads that start in constructors and dlopen, while start-up goes on and other constructors run.
. "$(dirname "$0")/lib.sh"

for i in 1 2 3; do lib libplug$i.so -lm <<<"double cbrt(double); int plug(void) { return $i + (int)cbrt(27); }"; done
lib liba.so -pthread <<'E'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
static pthread_t t[3];
int total;
static void *run(void *n)
{
	char name[20];
	snprintf(name, sizeof name, "libplug%ld.so", (long)n);
	int (*plug)(void) = dlsym(dlopen(name, RTLD_NOW), "plug");
	__atomic_fetch_add(&total, plug(), __ATOMIC_SEQ_CST);
	return NULL;
}
__attribute__((constructor)) static void start(void)
{
	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, run, (void *)(i + 1));
}
int finish(void) { for (int i = 0; i < 3; i++) pthread_join(t[i], NULL); return total; }
E
prog p liba.so <<'E'
#include <stdio.h>
int finish(void);
int main(void) { printf("%d\n", finish()); return 0; }
E
for _ in 1 2 3; do both ./p <<<15; done
