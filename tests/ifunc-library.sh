#!/bin/bash
# An IFUNC of a library: called by itself, another library and the program, lazily and at once.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
static int chosen(void) { return 42; }
static void *pick(void) { return chosen; }
int f(void) __attribute__((ifunc("pick")));
int own(void) { return f(); }
E
lib libb.so liba.so <<'E'
int f(void);
int (*pointer)(void) = f;
int other(void) { return f() * 1000 + pointer(); }
void *address(void) { return f; }
E
for kind in '-fPIE -pie' '-no-pie -fno-pic'; do
	# shellcheck disable=SC2086
	prog p $kind libb.so liba.so <<'E'
#include <stdio.h>
int f(void), own(void), other(void);
void *address(void);
int (*pointer)(void) = f;
int main(void)
{
	printf("%d %d %d %d %d\n", f(), own(), other(), pointer(), address() == (void *)pointer);
	return 0;
}
E
	both ./p <<<'42 42 42042 42 1'
done
