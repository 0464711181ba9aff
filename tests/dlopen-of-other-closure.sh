#!/bin/bash
# A library that is part of another program's image is dlopened: it is loaded as always.
. "$(dirname "$0")/lib.sh"

lib libx.so <<<'int x = 4;'
lib libplug.so libx.so <<<'extern int x; int *p = &x; int plug(void) { return ++*p; }'
prog needs libplug.so libx.so <<'E'
#include <stdio.h>
int plug(void);
int main(void) { printf("%d\n", plug()); return 0; }
E
prog opens libx.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
extern int x;
int main(void)
{
	int (*plug)(void) = dlsym(dlopen("libplug.so", RTLD_NOW), "plug");
	int n = plug();
	printf("%d %d\n", n, x);
	return 0;
}
E
both ./needs <<<5
both ./opens <<<'5 5'
