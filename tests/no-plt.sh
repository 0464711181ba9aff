#!/bin/bash
# -fno-plt: calls through the GOT, never lazy: a weak one is zero, an IFUNC is resolved at start.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
static int chosen(void) { return 4; }
static void *pick(void) { return chosen; }
int f(void) __attribute__((ifunc("pick")));
int g(void) { return 1; }
E
lib libb.so -fno-plt -O2 liba.so <<'E'
#include <string.h>
int f(void), g(void);
__attribute__((weak)) int nothing(void);
int b(const char *s) { return f() * 100 + g() * 10 + (nothing ? nothing() : strlen(s)); }
E
readelf -rW libb.so | grep -q 'GLOB_DAT.* f ' || fail "the call of f is not through the GOT"
for kind in -pie -no-pie; do
	prog p $kind -fno-plt libb.so liba.so <<'E'
#include <stdio.h>
int b(const char *), f(void);
int main(void) { printf("%d %d\n", b("seven.."), f()); return 0; }
E
	both ./p <<<'417 4'
done
