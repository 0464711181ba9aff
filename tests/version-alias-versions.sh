#!/bin/bash
# One address under several versions, a base version and ABS version symbols: all names work.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { f; }; V2 { f; } V1; V3 { global: g; local: *; } V2;' lib libv.so <<'E'
int g(void) { return 3; }
int f_(void) { return 30; }
__asm__(".symver f_, f@V1, remove\n.symver f_, f@@V2, remove");
E
prog p libv.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int f(void), g(void), old(void);
__asm__(".symver old, f@V1");
int main(void)
{
	printf("%d %d %d %d\n", f(), g(), old(), dlsym(RTLD_DEFAULT, "V1") == NULL);
	printf("%d %d\n", dlvsym(RTLD_DEFAULT, "f", "V2") != NULL, dlvsym(RTLD_DEFAULT, "f", "V3") == NULL);
	return 0;
}
E
both ./p <<'E'
30 3 30 1
1 1
E
