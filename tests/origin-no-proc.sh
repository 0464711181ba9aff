#!/bin/bash
# A program that needs its own path ($ORIGIN): fast, moved with its libraries the stock path; without /proc too.
. "$(dirname "$0")/system.sh"
private_mounts
mkdir bin lib
RPATH='' lib lib/libone.so <<<'int one(void) { return 1; }'
RPATH='$ORIGIN/../lib' prog bin/main lib/libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast bin/main <<<'one 1'
mkdir other
cp -a bin lib other/
RPATH='' lib other/lib/libone.so <<<'int one(void) { return 2; }'
right other/bin/main <<<'one 2'
[ -n "${STOCK-}" ] || [ "$PATH_TAKEN" != fast ] || fail "the copy took the image of the original"
ln -s bin link
fast link/main <<<'one 1'
mount -t tmpfs none /proc
run_into stock.out bin/main.stock
sed -i 's|bin/main\.stock|bin/main|' stock.out
falls no-proc bin/main <stock.out
