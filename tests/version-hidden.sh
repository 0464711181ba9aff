#!/bin/bash
# A reference to a hidden version, f@V1, is bound to it although f@@V2 is the default.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { global: f; local: *; }; V2 { f; } V1;' lib libv.so <<'E'
int f1(void) { return 10; }
int f2(void) { return 20; }
__asm__(".symver f1, f@V1");
__asm__(".symver f2, f@@V2");
E
lib libother.so libv.so <<'E'
int f(void);
int other(void) { return f(); }
E
prog p -fPIC libother.so libv.so <<'E'
#include <stdio.h>
#include <dlfcn.h>
int old(void);
int other(void);
__asm__(".symver old, f@V1");
int main(void)
{
	int (*v1)(void) = dlvsym(RTLD_DEFAULT, "f", "V1");
	printf("%d %d %d\n", old(), other(), v1());
	return v1 != old;
}
E
both ./p <<<'10 20 10'
