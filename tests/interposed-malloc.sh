#!/bin/bash
# malloc and free of the program are used by libc and libraries, also before main.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
#include <stdlib.h>
#include <string.h>
char *kept;
__attribute__((constructor)) static void start(void) { kept = strdup("early"); }
E
prog p -fPIC -fno-builtin -rdynamic liba.so <<'E'
#include <stdio.h>
#include <string.h>
static char pool[1 << 22] __attribute__((aligned(64)));
static size_t used;
int in_pool(void *p) { return (char *)p >= pool && (char *)p < pool + sizeof pool; }
void *malloc(size_t n) { used += n + 31 & ~15; return pool + used - (n + 31 & ~15) + 16; }
void free(void *p) {}
void *calloc(size_t n, size_t m) { return memset(malloc(n * m), 0, n * m); }
void *realloc(void *p, size_t n) { void *q = malloc(n); if (p) memmove(q, p, n); return q; }
extern char *kept;
char *strdup(const char *);
int main(void)
{
	printf("%s %d %d %d\n", kept, in_pool(kept), in_pool(strdup("x")), used > 0);
	return 0;
}
E
both ./p <<<'early 1 1 1'
