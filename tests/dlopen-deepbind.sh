#!/bin/bash
# dlopen with RTLD_DEEPBIND prefers its own definitions to those of start-up.
. "$(dirname "$0")/lib.sh"

lib libbase.so <<<'int who(void) { return 1; } int only(void) { return 7; }'
lib libplug.so <<'E'
int who(void) { return 2; }
int plug(void) { return who(); }
E
prog p libbase.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int who(void);
int main(int argc, char **argv)
{
	int (*plug)(void) = dlsym(dlopen("libplug.so", RTLD_NOW | (argc > 1 ? RTLD_DEEPBIND : 0)), "plug");
	printf("%d %d\n", who(), plug());
	return 0;
}
E
both ./p <<<'1 1'
both ./p deep <<<'1 2'
