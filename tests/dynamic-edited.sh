#!/bin/bash
# Programs whose .dynamic was edited: no DT_DEBUG, two of them, a DT_STRSZ far too large. They start as stock starts them.
. "$(dirname "$0")/system.sh"
tool patch
lib libone.so <<<'int one(void) { return 1; }'
prog main -Wl,-z,now libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast ./main <<<'one 1'
dynamic=$((0x$(readelf -SW main | sed -n 's/.* \.dynamic  *DYNAMIC  *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')))
entry() { # where the entry of a tag stands in the file
	echo $((dynamic + 16 * $(readelf -dW main | grep '^ *0x' | grep -n "($1)" | cut -d: -f1) - 16))
}
for edit in no-debug two-debug strsz; do
	cp main $edit
	case $edit in
	no-debug) printf '\x01\x74\x61\x6d' | dd of=$edit bs=1 conv=notrunc status=none seek="$(entry DEBUG)" ;;
	two-debug) printf '\x15\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' | dd of=$edit bs=1 conv=notrunc status=none seek="$(entry RELACOUNT)" ;;
	strsz) printf '\0\0\0\x10' | dd of=$edit bs=1 conv=notrunc status=none seek=$(($(entry STRSZ) + 8)) ;;
	esac
	run_status 0 matr epoch begin --all ./$edit
	EPOCH=begun
	right ./$edit <<<'one 1'
done
