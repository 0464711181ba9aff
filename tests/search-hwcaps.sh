#!/bin/bash
# glibc-hwcaps subfolders of a search path: the highest level that the processor has.
. "$(dirname "$0")/lib.sh"

best=0
for level in 2 3 4; do
	/lib64/ld-linux-x86-64.so.2 --help 2>&1 | grep -q "x86-64-v$level (supported" && best=$level
done
[ $best != 0 ] || skip "this processor or libc has no glibc-hwcaps level"
for level in 0 2 3 4; do
	folder=lib/glibc-hwcaps/x86-64-v$level
	[ $level != 0 ] || folder=lib
	mkdir -p $folder
	RPATH='' lib $folder/liba.so <<<"int a(void) { return $level; }"
done
RPATH=$FOLDER/lib prog p lib/liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("level %d\n", a()); return 0; }
E
both ./p <<<"level $best"
rm -r lib/glibc-hwcaps/x86-64-v$best
EPOCH=
below=$((best - 1))
[ $below != 1 ] || below=0
both ./p <<<"level $below"
