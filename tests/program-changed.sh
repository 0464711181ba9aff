#!/bin/bash
# The program itself has changed since the epoch: another build has no image; without a build-id its time tells.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
prog main libone.so libtwo.so <<'C'
#include <stdio.h>
extern int one(void), two(void);
int main(void) { printf("another program, %d\n", two()); return 0; }
C
EPOCH=begun
falls no-image ./main <<<'another program, 2'
fixture -Wl,--build-id=none
falls no-proc ./main <main.expected # the path must be absolute
fast "$FOLDER/main" <main.expected
mkdir away
cp -p main away/main # the same bytes at another path
right "$FOLDER/away/main" <main.expected
[ -n "${STOCK-}" ] || [ "$PATH_TAKEN" != fast ] || fail "a program without build-id was taken for another"
touch main
falls program-changed "$FOLDER/main" <main.expected
epoch
fast "$FOLDER/main" <main.expected
sed 's/calls %d/times %d/' main >other
chmod 755 other
mv other main
sed 's/^calls/times/' main.expected >times.expected
sed -i 's/calls %d/times %d/' main.stock
falls program-changed "$FOLDER/main" <times.expected
