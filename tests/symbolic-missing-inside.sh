#!/bin/bash
# A symbolic library that lacks a symbol looks on in the usual scope.
. "$(dirname "$0")/lib.sh"

lib liblast.so <<'E'
int outside(void) { return 5; }
int inside(void) { return 50; }
E
lib libs.so -Wl,-Bsymbolic,-z,undefs <<'E'
int outside(void);
int inside(void) { return 6; }
int test(void) { return outside() * 10 + inside(); }
E
prog p -fPIC liblast.so libs.so <<'E'
#include <stdio.h>
int test(void), inside(void);
int main(void) { printf("%d %d\n", test(), inside()); return 0; }
E
both ./p <<<'56 50'
