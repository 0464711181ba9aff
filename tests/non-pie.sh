#!/bin/bash
# An ET_EXEC program: data, constants and function pointers both ways between it and libraries.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,undefs <<'E'
int callback(int);
extern int given, *exported;
int *pointer = &given;
int (*function)(int) = callback;
int a(void) { return function(*pointer) + *exported; }
E
prog p -no-pie -fno-pic -rdynamic liba.so <<'E'
#include <stdio.h>
int given = 4, other = 1000;
int *exported = &other;
int callback(int n) { return n * 3; }
int a(void);
extern int (*function)(int);
int main(void) { printf("%d %d\n", a(), function == callback); return 0; }
E
readelf -hW p.stock | grep -q 'EXEC ' || fail "not ET_EXEC"
both ./p <<<'1012 1'
