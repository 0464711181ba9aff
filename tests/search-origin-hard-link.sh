#!/bin/bash
# A hard link of an $ORIGIN program in another folder: stock's $ORIGIN is that folder.
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
ln here/p there/p
ln here/p.stock there/p.stock
both here/p <<<1
run_into expected.out there/p.stock
run_into actual.out LD_MATR_STORE="$STORE" "$FOLDER/there/p${STOCK:+.stock}"
expect actual.out <expected.out
expect expected.out <<<2
