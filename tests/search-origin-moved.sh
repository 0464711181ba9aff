#!/bin/bash
# A copy of an $ORIGIN program in another folder finds other libraries: never the first one's image.
. "$(dirname "$0")/lib.sh"
mkdir here there

RPATH='' lib there/liba.so <<<'int a(void) { return 2; }'
RPATH='' lib here/liba.so <<<'int a(void) { return 1; }'
# shellcheck disable=SC2016
RPATH='$ORIGIN' prog here/p here/liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
both here/p <<<1
cp here/p here/p.stock there
run_into actual.out LD_MATR_STORE="$STORE" there/p
[ -n "${STOCK-}" ] || expect actual.out <<<2
PROGRAMS+=(there/p)
EPOCH=
both there/p <<<2
both here/p <<<1
