#!/bin/bash
# dlopen of a library with initial-exec TLS, which must fit into the room that ld.so keeps.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'__thread long a[8] = { 1 }; long *get(void) { return a; }'
lib liblate.so -ftls-model=initial-exec <<<'__thread int late = 6; int plug(void) { return late++; }'
lib libhuge.so -ftls-model=initial-exec <<<'__thread char huge[100000]; int plug(void) { return huge[0]; }'
prog p liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
long *get(void);
int main(void)
{
	int (*plug)(void) = dlsym(dlopen("liblate.so", RTLD_NOW), "plug");
	int x = plug(), y = plug();
	printf("%d %d %ld\n", x, y, *get());
	printf("%s\n", dlopen("libhuge.so", RTLD_NOW) ? "opened" : "no room");
	return 0;
}
E
printf '%s\n' '6 7 1' 'no room' | both ./p
