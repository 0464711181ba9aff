#!/bin/bash
# A constructor calls dlopen and dlsym while start-up is still going on.
. "$(dirname "$0")/lib.sh"

lib libplug.so <<<'int n = 5; int plug(void) { return n; }'
lib liba.so <<'E'
#include <dlfcn.h>
int value;
__attribute__((constructor)) static void start(void)
{
	int (*plug)(void) = dlsym(dlopen("libplug.so", RTLD_NOW | RTLD_GLOBAL), "plug");
	value = plug();
}
E
prog p -fPIC liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
extern int value;
int main(void) { printf("%d %d\n", value, dlsym(RTLD_DEFAULT, "plug") != 0); return 0; }
E
both ./p <<<'5 1'
