#!/bin/bash
# Libraries without SONAME, found by the file name that the program was linked with.
. "$(dirname "$0")/lib.sh"

SONAME='' lib liba.so <<<'int a(void) { return 9; }'
SONAME='' lib libb.so -L. -la <<'E'
int a(void);
int b(void) { return a() + 1; }
E
readelf -dW liba.so | grep -q SONAME && fail "has a SONAME"
prog p "$FOLDER/liba.so" -L. -lb <<'E'
#include <stdio.h>
int a(void), b(void);
int main(void) { printf("%d %d\n", a(), b()); return 0; }
E
both ./p <<<'9 10'
