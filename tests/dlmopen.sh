#!/bin/bash
# dlmopen: a new namespace loads its own copies of start-up libraries.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int n = 100; int bump(void) { return ++n; } int *where(void) { return &n; }'
lib libplug.so liba.so <<<'int bump(void); int plug(void) { return bump(); }'
prog p liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int bump(void), *where(void);
int main(void)
{
	bump();
	void *h = dlmopen(LM_ID_NEWLM, "libplug.so", RTLD_NOW);
	if (!h)
		return puts(dlerror());
	int (*plug)(void) = dlsym(h, "plug"), *(*there)(void) = dlsym(h, "where");
	bump();
	printf("%d %d %d\n", plug(), *where(), there() == where());
	int (*again)(void) = dlsym(dlmopen(LM_ID_BASE, "libplug.so", RTLD_NOW), "plug");
	printf("%d\n", again());
	return 0;
}
E
both ./p <<'E'
101 102 0
103
E
