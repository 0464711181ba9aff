#!/bin/bash
# Two files of one SONAME that are needed by path are both loaded.
. "$(dirname "$0")/lib.sh"
mkdir one two

for n in one two; do
	SONAME=$FOLDER/$n/libsame.so lib $n/libsame.so <<<"const char *f_$n(void) { return 0; }"
done
prog p one/libsame.so two/libsame.so <<'E'
#include <stdio.h>
const char *f_one(void), *f_two(void);
int main(void) { printf("%s %s\n", f_one(), f_two()); return 0; }
E
for n in one two; do
	SONAME=libsame.so lib $n/libsame.so <<<"const char *f_$n(void) { return \"$n\"; }"
done
both ./p <<<'one two'
