#!/bin/bash
# A library calls an IFUNC of one that is relocated after it: lazily it works, and must stay lazy.
. "$(dirname "$0")/lib.sh"

lib libb.so -Wl,-z,undefs <<'E'
int f(void);
int b(void) { return f(); }
E
lib liba.so libb.so <<'E'
extern int value;
int value = 17;
static int chosen(void) { return value; }
static int (*target)(void) = chosen;
static void *pick(void) { return target; }
int f(void) __attribute__((ifunc("pick")));
E
prog p liba.so libb.so <<'E'
#include <stdio.h>
int b(void), f(void);
int main(void) { printf("%d %d\n", b(), f()); return 0; }
E
WAYS=lazy both ./p <<<'17 17'
