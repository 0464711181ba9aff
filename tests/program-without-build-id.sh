#!/bin/bash
# Two programs without build-id and of equal layout that call different functions: never mixed up.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int fone(void) { return 1; } int ftwo(void) { return 2; }'
for n in one two; do
	prog $n -Wl,--build-id=none -DF=f$n liba.so <<'E'
#include <stdio.h>
int F(void);
int main(void) { printf("%d\n", F()); return 0; }
E
done
readelf -nW one | grep -q 'Build ID' && fail "there is a build-id"
both "$FOLDER/one" <<<1
both "$FOLDER/two" <<<2
stock_only no-proc ./one <<<1 # its name must be absolute
cp --preserve=timestamps two one # another program of equal layout takes the place
run_into actual.out LD_MATR_STORE="$STORE" LD_MATR_DISABLE="${STOCK:+1}" "$FOLDER/one"
expect actual.out <<<2
