#!/bin/bash
# A library and a program with segments aligned to 2 MiB.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,max-page-size=0x200000 <<'E'
int big __attribute__((aligned(0x200000))) = 3;
int *pointer = &big;
char zeroes[0x300000];
int a(void) { return *pointer + zeroes[0x2fffff]; }
E
prog p -fPIC -Wl,-z,max-page-size=0x200000 liba.so <<'E'
#include <stdint.h>
#include <stdio.h>
int a(void);
extern int big;
int main(void) { printf("%d %d\n", a(), (int)((uintptr_t)&big % 0x200000)); return 0; }
E
readelf -lW liba.so | grep -q 'LOAD.*0x200000$' || fail "not aligned to 2 MiB"
both ./p <<<'3 0'
