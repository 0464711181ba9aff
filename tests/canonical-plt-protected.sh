#!/bin/bash
# A non-PIE program takes the address of a function that has become protected: stock warns, no image.
. "$(dirname "$0")/lib.sh"
needs ld.gold

lib liba.so <<'E'
int f(void) { return 4; }
int same(void *p) { return p == f; }
E
prog p -no-pie -fno-pic liba.so <<'E'
#include <stdio.h>
int f(void), same(void *);
int main(void) { printf("%d %d\n", same(f), f()); return 0; }
E
LD=gold lib liba.so <<'E'
__attribute__((visibility("protected"))) int f(void) { return 5; }
int same(void *p) { return p == f; }
E
./p.stock 2>&1 | grep -q '^warning' || skip "this glibc does not warn"
stock_only no-image ./p <<E
warning: direct reference to protected function \`f' in \`$FOLDER/liba.so' may break pointer equality
0 5
E
refused protected-copy ./p
