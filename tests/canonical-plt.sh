#!/bin/bash
# A non-PIE program's PLT entry is the address of a library function for everyone.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
int f(void) { return 1; }
void *in_data = f;
void *mine(void) { return f; }
int same(void *p) { return p == f && p == in_data; }
E
prog p -no-pie -fno-pic -mcmodel=small liba.so <<'E'
#include <stdio.h>
#include <dlfcn.h>
int f(void), same(void *);
void *mine(void);
int (*initialised)(void) = f;
int main(void)
{
	printf("%d %d %d\n", same(f), mine() == (void *)initialised, initialised());
	printf("%d\n", dlsym(RTLD_DEFAULT, "f") == (void *)f);
	return 0;
}
E
readelf --dyn-syms -W p.stock | grep -Eq ' [0-9a-f]*[1-9a-f][0-9a-f]* .* UND f$' || fail "no canonical PLT entry"
both ./p <<'E'
1 1 1
1
E
