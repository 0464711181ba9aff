#!/bin/bash
# Many threads with thread-local variables, stacks of their own, cancellation and keys with destructors.
. "$(dirname "$0")/lib.sh"

lib liba.so -pthread <<'E'
#include <pthread.h>
__thread int mine = 1;
static pthread_key_t key;
static _Atomic int destroyed;
static void destroy(void *p) { destroyed++; }
__attribute__((constructor)) static void start(void) { pthread_key_create(&key, destroy); }
int work(int n) { pthread_setspecific(key, &key); for (int i = 0; i < n; i++) mine++; return mine; }
int gone(void) { return destroyed; }
E
prog p -pthread liba.so <<'E'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
int work(int), gone(void);
static void *run(void *n) { return (void *)(long)work((long)n); }
static void *hang(void *unused) { work(1); for (;;) pause(); }
int main(void)
{
	pthread_t t[32], stuck;
	void *result;
	long sum = 0;
	for (long i = 0; i < 32; i++)
		pthread_create(&t[i], NULL, run, (void *)i);
	for (int i = 0; i < 32; i++)
		pthread_join(t[i], &result), sum += (long)result;
	pthread_create(&stuck, NULL, hang, NULL);
	pthread_cancel(stuck);
	pthread_join(stuck, &result);
	printf("%ld %d %d\n", sum, gone() >= 32, result == PTHREAD_CANCELED);
	return work(0) - 1;
}
E
both ./p <<<'528 1 1'
