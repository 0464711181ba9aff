#!/bin/bash
# A library that is an allocator, before libc in scope, serves everyone.
. "$(dirname "$0")/lib.sh"

lib liballoc.so -fno-builtin <<'E'
#include <stddef.h>
static char pool[1 << 22] __attribute__((aligned(64)));
static size_t used;
int count;
static void *take(size_t n) { char *p = pool + used; used += (n + 31) & ~15; count++; return p + 16; }
void *malloc(size_t n) { return take(n); }
void free(void *p) {}
void *calloc(size_t n, size_t m) { return take(n * m); }
void *realloc(void *p, size_t n)
{
	char *q = take(n);
	for (size_t i = 0; p && i < n; i++)
		q[i] = ((char *)p)[i];
	return q;
}
int in_pool(void *p) { return (char *)p >= pool && (char *)p < pool + sizeof pool; }
E
lib libuser.so <<<'char *strdup(const char *); char *user(void) { return strdup("copy"); }'
prog p liballoc.so libuser.so <<'E'
#include <stdio.h>
#include <stdlib.h>
int in_pool(void *);
char *user(void);
int main(void) { char *u = user(), *r = realloc(u, 100); printf("%d %d %s\n", in_pool(u), in_pool(r), r); return 0; }
E
both ./p <<<'1 1 copy'
