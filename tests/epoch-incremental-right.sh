#!/bin/bash
# Whatever changes between two epochs, the incremental one is the one that --force makes.
. "$(dirname "$0")/system.sh"
needs jq
mkdir first second
RPATH='' lib second/libone.so <<<'int one(void) { return 1; }'
RPATH=$FOLDER/first:$FOLDER/second prog main second/libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
all() { matr inspect --json --bindings ./main 2>/dev/null | jq -S 'del(.source, .epoch)' || true; }
step() { # WHAT, after a change: incremental and forced epoch agree; the output is standard input
	run_status 0 matr epoch begin --all ./main
	EPOCH=begun
	all >incremental
	cat >want
	right ./main <want
	[ "$1" = refused ] || [ "$PATH_TAKEN" = fast ] || fail "$1: $PATH_TAKEN"
	run_status 0 matr epoch begin --all --force ./main
	all >forced
	diff forced incremental >&2 || fail "$1: the incremental epoch differs"
}
step 'the first epoch' <<<'one 1'
cp second/libone.so keep.so
RPATH='' lib first/libone.so <<<'int one(void) { return 2; }'
step 'a library appears earlier' <<<'one 2'
mkdir -p first/glibc-hwcaps/x86-64-v2
RPATH='' lib first/glibc-hwcaps/x86-64-v2/libone.so <<<'int one(void) { return 3; }'
level=$(/lib64/ld-linux-x86-64.so.2 --help 2>/dev/null | grep -c 'x86-64-v2 (supported' || true)
step 'one appears for this processor' <<<"one $((level > 0 ? 3 : 2))"
rm -r first
step 'the folder goes' <<<'one 1'
mkdir elsewhere
RPATH='' lib elsewhere/libone.so <<<'int one(void) { return 4; }'
ln -s elsewhere first
step 'the folder comes back as a link' <<<'one 4'
ln -sfn second first
step 'the link goes elsewhere' <<<'one 1'
rm second/libone.so
run_into gone.out ./main.stock
sed -i 's|\./main\.stock|./main|' gone.out
step refused <gone.out
mv keep.so second/libone.so
step 'the library is back' <<<'one 1'
