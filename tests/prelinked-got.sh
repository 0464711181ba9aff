#!/bin/bash
# A library whose GOT[1] is not zero, as prelink left it: lazy calls work all the same.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int a(void) { return 6; } int c(void) { return 7; }'
lib libb.so liba.so <<'E'
int a(void), c(void);
int b(void) { return a() * 10 + c(); }
E
plt=0x$(readelf -SW libb.so | sed -n 's/.* \.plt  *PROGBITS  *\([0-9a-f]*\) .*/\1/p')
got=0x$(readelf -SW libb.so | sed -n 's/.* \.got\.plt  *PROGBITS  *[0-9a-f]*  *\([0-9a-f]*\) .*/\1/p')
{ [ "$plt" != 0x ] && [ "$got" != 0x ]; } || fail "no .plt or .got.plt"
# With GOT[1] = address of the first PLT entry, ld.so computes every lazy slot from it.
poke libb.so "$got + 8" "$(printf '\\x%02x\\x%02x' $(((plt + 0x16) & 255)) $(((plt + 0x16) >> 8)))"
prog p libb.so liba.so <<'E'
#include <stdio.h>
int b(void);
int main(void) { printf("%d\n", b()); return 0; }
E
both ./p <<<67
