#!/bin/bash
# Programs edited after linking that look the same where the shim looks: both in an epoch, each runs right.
. "$(dirname "$0")/system.sh"
tool patch
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int value[2] = { 7, 8 }, *pointer[2000] = { [0 ... 1999] = value };
int main(void) { printf("the text %d %d\n", one(), *pointer[50]); return 0; }
C
fast ./main <<<'the text 1 7'
sed "s/the text/The Text/" main >text
cp main relocated # one RELATIVE relocation far from those that the key covers
at=$((0x$(readelf -SW main | sed -n 's/.* \.rela\.dyn  *RELA  *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')))
where=$(readelf -sW main | awk '$8 == "pointer" { print $2 }')
index=$(readelf -rW main | grep R_X86_64_RELATIVE | awk -v w="$(printf '%012x' $((0x$where + 400)))" '$1 ~ w { print NR - 1 }')
./patch relocated $((at + 24 * index + 16)) 8 +4 >/dev/null
chmod 755 text relocated
epoch ./main ./text
EPOCH=begun
fast ./main <<<'the text 1 7'
fast ./text <<<'The Text 1 7' # nothing of its bindings is different
epoch ./main ./relocated
EPOCH=begun
refused same-key ./main
refused same-key ./relocated
falls no-image ./main <<<'the text 1 7'
falls no-image ./relocated <<<'the text 1 8'
epoch ./relocated
EPOCH=begun
fast ./relocated <<<'the text 1 8'
