#!/bin/bash
# dlopen of libraries with thread-local variables, while threads run, next to start-up TLS.
. "$(dirname "$0")/lib.sh"

lib libstart.so <<'E'
__thread int start = 1;
int *start_here(void) { return &start; }
E
lib liblate.so libstart.so <<'E'
extern __thread int start;
__thread int late[1000] = { 7 };
int late_sum(void) { return ++late[0] * 100 + ++start; }
E
prog p -pthread libstart.so <<'E'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
int *start_here(void);
static int (*late_sum)(void);
static pthread_barrier_t opened;
static void *run(void *result)
{
	*start_here() = 50;
	pthread_barrier_wait(&opened);
	pthread_barrier_wait(&opened);
	*(int *)result = late_sum();
	return NULL;
}
int main(void)
{
	pthread_t t;
	int result;
	pthread_barrier_init(&opened, NULL, 2);
	pthread_create(&t, NULL, run, &result);
	pthread_barrier_wait(&opened);
	late_sum = dlsym(dlopen("liblate.so", RTLD_LAZY), "late_sum");
	pthread_barrier_wait(&opened);
	pthread_join(t, NULL);
	int x = late_sum(), y = late_sum();
	printf("%d %d %d\n", result, x, y);
	return 0;
}
E
both ./p <<<'851 802 903'
