#!/bin/bash
# RELRO is read-only after start in the program, its libraries and dlopened ones: writing there kills.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,now <<<'extern int f(void); int (*const table[])(void) = { f, f }; int f(void) { return 1; }'
lib liblate.so -Wl,-z,now <<<'extern int g(void); int (*const late[])(void) = { g }; int g(void) { return 1; }'
prog p -Wl,-z,now -fPIC liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
extern int (*const table[])(void);
extern int f(void);
static int (*const own[])(void) = { f };
int main(int argc, char **argv)
{
	void *p = argv[1][0] == 'l' ? (void *)table : argv[1][0] == 'o' ? (void *)own
		  : dlsym(dlopen("liblate.so", RTLD_NOW), "late");
	puts("writing");
	fflush(stdout);
	*(void *volatile *)p = NULL;
	puts("written");
	return 0;
}
E
for what in library own dlopened; do
	printf '%s\n' writing 'exit 139' | both ./p $what
done
