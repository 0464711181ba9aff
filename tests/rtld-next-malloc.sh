#!/bin/bash
# A library wraps malloc with RTLD_NEXT, as allocator tracers do.
. "$(dirname "$0")/lib.sh"

lib libwrap.so <<'E'
#include <dlfcn.h>
#include <stddef.h>
int calls;
void *malloc(size_t n)
{
	static void *(*next)(size_t);
	if (!next)
		next = dlsym(RTLD_NEXT, "malloc");
	calls += n == 12345;
	return next(n);
}
E
prog p -fno-builtin -fPIC libwrap.so <<'E'
#include <stdio.h>
#include <stdlib.h>
extern int calls;
int main(void) { for (int i = 0; i < 3; i++) free(malloc(12345)); printf("%d\n", calls); return 0; }
E
both ./p <<<3
