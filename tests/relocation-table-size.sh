#!/bin/bash
# A relocation table whose size ends inside an entry: ld.so takes the entry for a whole one; MatR leaves such a file alone.
. "$(dirname "$0")/system.sh"
tool patch
lib libtwo.so <<<'int two(void) { return 2; } int three(void) { return 3; }'
lib libone.so libtwo.so <<<'extern int two(void), three(void); int one(void) { return three() - two(); }'
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("%d\n", one()); return 0; }
C
fast ./main <<<1
entry() { readelf -dW libone.so | grep '^ *0x' | grep -n "($1)" | sed 's/:.*//'; }
size() { readelf -dW libone.so | sed -n "s/.*($1) *\([0-9]*\) .*/\1/p"; }
start=$(readelf -lW libone.so | awk '$1 == "DYNAMIC" { print $2 }')
for tag in PLTRELSZ RELASZ; do
	cp libone.so whole.so
	./patch libone.so $((start + ($(entry $tag) - 1) * 16 + 8)) 8 $(($(size $tag) - 8)) >/dev/null
	[ $(($(size $tag) % 24)) = 16 ] || fail "$tag was not changed"
	EPOCH=
	stock_only no-image ./main <<<1
	cat whole.so >libone.so
done
# One that calls too many relocations relative: stock says "Inconsistency detected by ld.so".
[ -n "$(entry RELACOUNT)" ] || exit 0
./patch libone.so $((start + ($(entry RELACOUNT) - 1) * 16 + 8)) 8 $(($(size RELASZ) / 24)) >/dev/null
run_into stock.out ./main.stock
sed -i "s|main\\.stock|main|g" stock.out
grep -q '^exit 127' stock.out || exit 0 # a library without others than relative ones
EPOCH=
epoch
falls no-image ./main <stock.out
