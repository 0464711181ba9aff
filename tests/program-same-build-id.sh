#!/bin/bash
# Two programs with the same forced build-id and layout, in one epoch: each gets its own functions.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int fone(void) { return 1; } int ftwo(void) { return 2; }'
for n in one two; do
	prog $n -Wl,--build-id=0x1122334455667788 -DF=f$n liba.so <<'E'
#include <stdio.h>
int F(void);
int main(void) { printf("%d\n", F()); return 0; }
E
done
both ./one <<<1
both ./two <<<2
[ -z "${STOCK-}" ] || exit 0
PROGRAMS=(./one)
STORE=$FOLDER/other-store
epoch
run_into actual.out LD_MATR_STORE="$STORE" ./two
expect actual.out <<<2
