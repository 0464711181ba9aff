#!/bin/bash
# A variable with two names in its library: the program copies one, and libc-style aliases follow.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
int __value = 1;
extern int value __attribute__((weak, alias("__value")));
int inner(void) { return __value; }
int outer(void) { return value; }
E
prog p -no-pie -fno-pic liba.so <<'E'
#include <stdio.h>
extern int value;
int inner(void), outer(void);
int main(void) { value = 9; printf("%d %d %d\n", value, inner(), outer()); return 0; }
E
both ./p <<<'9 9 9'
