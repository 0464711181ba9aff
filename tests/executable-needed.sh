#!/bin/bash
# A library that needs the program itself by name, a PIE with a SONAME.
. "$(dirname "$0")/lib.sh"

lib libx.so <<<'int x;'
SONAME=p lib p <<<'int given(void) { return 1; }'
SONAME=libx.so lib libx.so "$FOLDER/p" <<<'int given(void); int x(void) { return given(); }'
rm p
prog p -fPIC -rdynamic -Wl,-soname,p libx.so -Wl,--allow-shlib-undefined <<'E'
#include <stdio.h>
int given(void) { return 9; }
int x(void);
int main(void) { printf("%d\n", x()); return 0; }
E
run_into expected.out ./p.stock
grep -q . expected.out || fail "stock says nothing"
if [ -n "${STOCK-}" ]; then cat expected.out; exit; fi
epoch
run_into actual.out LD_MATR_STORE="$STORE" ./p
sed -i 's|p\.stock|p|g' expected.out
same MatR expected.out actual.out
