#!/bin/bash
# The same symbol in two libraries with different versions: each reference finds its own.
. "$(dirname "$0")/lib.sh"

VERSIONS='A { global: f; local: *; };' lib liba.so <<'E'
int f(void) { return 1; }
E
VERSIONS='B { global: f; local: *; };' lib libb.so <<'E'
int f(void) { return 2; }
E
lib libua.so liba.so <<'E'
int f(void); int ua(void) { return f(); }
E
lib libub.so libb.so <<'E'
int f(void); int ub(void) { return f(); }
E
prog p libub.so libua.so <<'E'
#include <stdio.h>
int ua(void), ub(void);
int main(void) { printf("%d %d\n", ua(), ub()); return 0; }
E
both ./p <<<'1 2'
