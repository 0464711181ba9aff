#!/bin/bash
# A copy of a program at another path is the same program: it starts, enabled or not.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int a(void) { return 4; }'
prog p liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
both ./p <<<4
mkdir elsewhere
cp p p.stock elsewhere
cp p stripped
strip stripped
for copy in elsewhere/p ./stripped; do
	run_into actual.out LD_MATR_STORE="$STORE" $copy
	expect actual.out <<<4
done
