#!/bin/bash
# A PIE exports data, functions and a variable that overrides the library's; addresses are random per exec.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,undefs <<'E'
extern int from_program;
int call_me(int), overridden(void);
int *address = &from_program, *second = &from_program + 1;
int (*function)(int) = call_me;
int mine = 1;
int overridden(void) { return 1; }
int a(void) { return *address + second[-1] + function(2) + overridden() + mine; }
E
lib libb.so liba.so <<'E'
extern int mine;
int *there = &mine;
int b(void) { return *there; }
E
prog p -fPIC -rdynamic liba.so libb.so <<'E'
#include <stdio.h>
int from_program = 30, mine = 400;
int call_me(int n) { return n * 1000; }
int overridden(void) { return 50000; }
int a(void), b(void);
extern int *address;
int main(void) { printf("%d %d %d\n", a(), b(), address == &from_program); return 0; }
E
for _ in 1 2 3; do both ./p <<<'52460 400 1'; done
