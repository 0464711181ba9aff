#!/bin/bash
# A library linked with -z now calls an IFUNC of a library that is relocated before it, and its own.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,now <<'E'
static int low(void) { return 1; }
static int (*table[])(void) = { low };
static void *pick(void) { return table[0]; }
int f(void) __attribute__((ifunc("pick")));
int a(void) { return f(); }
E
lib libb.so -Wl,-z,now liba.so <<<'int f(void); int (*p)(void) = f; int b(void) { return f() * 10 + p(); }'
prog p -Wl,-z,now libb.so liba.so <<'E'
#include <stdio.h>
int a(void), b(void), f(void);
int main(void) { printf("%d %d %d\n", a(), b(), f()); return 0; }
E
both ./p <<<'1 11 1'
