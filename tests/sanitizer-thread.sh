#!/bin/bash
# ThreadSanitizer and MemorySanitizer claim address ranges: no image, and the program works.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
built=0
for kind in thread memory; do
	c=gcc
	[ $kind = thread ] || c=clang
	command -v $c >/dev/null || continue
	echo 'int main(void) { return 0; }' | $c -fsanitize=$kind -x c - -o probe 2>/dev/null && ./probe 2>/dev/null || continue
	CC=$c prog $kind libone.so -fsanitize=$kind -pthread <<-'C'
		#include <pthread.h>
		#include <stdio.h>
		extern int one(void);
		static void *run(void *p) { return p; }
		int main(void)
		{
			pthread_t t;
			pthread_create(&t, NULL, run, NULL);
			pthread_join(t, NULL);
			printf("one %d\n", one());
			return 0;
		}
	C
	epoch
	refused claims-addresses ./$kind
	falls no-image ./$kind <<<'one 1'
	built=$((built + 1))
done
[ $built -gt 0 ] || skip "no such sanitizer works here"
