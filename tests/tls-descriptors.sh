#!/bin/bash
# TLS descriptors (-mtls-dialect=gnu2) in libraries that are loaded at start and by dlopen.
. "$(dirname "$0")/lib.sh"

lib liba.so -mtls-dialect=gnu2 <<'E'
__thread int shared = 5;
static __thread int own = 6;
int a(void) { return ++shared * 10 + ++own; }
E
lib libb.so -mtls-dialect=gnu2 liba.so <<'E'
extern __thread int shared;
int b(void) { return ++shared; }
E
prog p libb.so liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int a(void), b(void);
int main(void)
{
	void *h = dlopen("libb.so", RTLD_NOW);
	int (*f)(void) = dlsym(h, "b");
	int x = a(), y = b(), z = f();
	printf("%d %d %d\n", x, y, z);
	h = dlopen("liblate.so", RTLD_NOW);
	f = dlsym(h, "late");
	printf("%d\n", f());
	return 0;
}
E
lib liblate.so -mtls-dialect=gnu2 liba.so <<'E'
extern __thread int shared;
static __thread int own = 50;
int late(void) { return ++shared + ++own; }
E
readelf -rW liba.so | grep -q R_X86_64_TLSDESC || fail "no TLS descriptor"
both ./p <<'E'
67 7 8
60
E
