#!/bin/bash
# A pointer to an IFUNC plus an offset, and one in constant data.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
static int chosen(void) { return 3; }
static void *pick(void) { return chosen; }
int f(void) __attribute__((ifunc("pick")));
E
lib libb.so liba.so <<'E'
int f(void);
char *plus = (char *)f + 5;
int (*const constant)(void) = f;
long distance(void) { return plus - (char *)constant; }
E
prog p libb.so liba.so <<'E'
#include <stdio.h>
int f(void);
long distance(void);
extern int (*const constant)(void);
char *mine = (char *)f + 7;
int main(void) { printf("%ld %ld %d\n", distance(), mine - (char *)constant, constant()); return 0; }
E
both ./p <<<'5 7 3'
