#!/bin/bash
# A resolver reads relocated data and calls other functions of its library and of libraries below.
. "$(dirname "$0")/lib.sh"

lib libdeep.so <<'E'
int table[2] = { 0, 1 };
int *choice = &table[1];
int level(void) { return *choice; }
E
lib liba.so libdeep.so <<'E'
int level(void);
extern int *choice;
static int low(void) { return 100; }
static int high(void) { return 200; }
static int (*list[2])(void) = { low, high };
static void *pick(void) { return level() == *choice ? list[*choice] : list[0]; }
int f(void) __attribute__((ifunc("pick")));
E
lib libb.so liba.so <<'E'
int f(void);
int b(void) { return f(); }
E
prog p libb.so liba.so <<'E'
#include <stdio.h>
int f(void), b(void);
int (*pointer)(void) = f;
int main(void) { printf("%d %d %d\n", f(), b(), pointer()); return 0; }
E
both ./p <<<'200 200 200'
