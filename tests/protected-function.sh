#!/bin/bash
# A library's references to its own protected function stay inside it, also through pointers.
. "$(dirname "$0")/lib.sh"

for ld in bfd gold lld mold; do
	command -v "ld.$ld" >/dev/null || continue
	LD=$ld lib "lib$ld.so" <<'E'
__attribute__((visibility("protected"))) int f(void) { return 1; }
int (*pointer)(void) = f;
int direct(void) { return f(); }
int through(void) { return pointer(); }
E
	prog "p$ld" -fPIC -rdynamic "lib$ld.so" <<'E'
#include <stdio.h>
int f(void) { return 2; }
int direct(void), through(void);
int main(void) { printf("%d %d %d\n", f(), direct(), through()); return 0; }
E
	both "./p$ld" <<<'2 1 1'
done
