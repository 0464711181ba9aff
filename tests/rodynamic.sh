#!/bin/bash
# -z rodynamic: the dynamic section cannot be written.
. "$(dirname "$0")/lib.sh"
needs ld.lld

LD=lld lib liba.so -Wl,-z,rodynamic <<'E'
int n = 3;
int *pointer = &n;
int a(void) { return *pointer; }
E
readelf -SW liba.so | grep -q '\.dynamic *DYNAMIC .* A ' || fail "the dynamic section is writable"
lib libb.so liba.so <<<'extern int n; int *q = &n; int b(void) { return *q; }'
prog p liba.so libb.so <<'E'
#include <stdio.h>
int a(void), b(void);
int main(void) { printf("%d %d\n", a(), b()); return 0; }
E
both ./p <<<'3 3'
LD=lld prog e -Wl,-z,rodynamic liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
stock_only no-image ./e <<<3
refused dynamic-read-only ./e
