#!/bin/bash
# DT_SYMBOLIC, the old tag, alone: as DF_SYMBOLIC.
. "$(dirname "$0")/lib.sh"

lib libs.so -Wl,-Bsymbolic,--disable-new-dtags <<'E'
extern int data;
int *p = &data, (*f)(void);
int who(void) { return 1; }
int data = 1;
int test(void) { f = who; return who() * 100 + f() * 10 + *p; }
E
readelf -dW libs.so | grep -q '(FLAGS)' && skip "ld sets DT_FLAGS too"
readelf -dW libs.so | grep -q '(SYMBOLIC)' || fail "no DT_SYMBOLIC"
prog p -fPIC -rdynamic libs.so <<'E'
#include <stdio.h>
int who(void) { return 2; }
int data = 2, test(void);
int main(void) { printf("%d\n", test()); return 0; }
E
both ./p <<<111
