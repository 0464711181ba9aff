#!/bin/bash
# -z interpose, -z nodelete, -z global, -z origin: flags that must survive.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int f(void) { return 1; } int a(void) { return f(); }'
lib libi.so -Wl,-z,interpose,-z,global <<<'int f(void) { return 2; }'
lib libplug.so -Wl,-z,nodelete,-z,origin <<<'int n; int plug(void) { return ++n; }'
prog p liba.so libi.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int a(void);
int main(void)
{
	printf("%d\n", a());
	for (int i = 0; i < 2; i++) {
		void *h = dlopen("libplug.so", RTLD_NOW);
		int (*plug)(void) = dlsym(h, "plug");
		printf("%d\n", plug());
		dlclose(h);
	}
	return 0;
}
E
printf '%s\n' 1 1 2 | both ./p
