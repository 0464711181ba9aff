#!/bin/bash
# A 32-bit PC-relative relocation between libraries depends on where they lie: no image.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int target = 6;'
lib libb.so liba.so <<'E'
extern int target;
struct { int *p; long zero; } place = { &target, 0 };
int b(void) { return *(int *)((char *)&place + *(int *)&place); }
E
# ld makes none in a library: turn the R_X86_64_64 of `place` into R_X86_64_PC32 (r_info's type).
at=$(readelf -rW libb.so | awk '/offset 0x/ { o = $6; n = -1 } /^[0-9a-f]/ { n++ } /R_X86_64_64 .*target/ { print o " + " n * 24 + 8 }')
poke libb.so "$at" '\x02'
readelf -rW libb.so | grep -q 'R_X86_64_PC32.*target' || fail "not a PC32"
prog p libb.so liba.so <<'E'
#include <stdio.h>
int b(void);
int main(void) { printf("%d\n", b()); return 0; }
E
stock_only no-image ./p <<<6
refused relocation-type ./p
