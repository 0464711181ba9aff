#!/bin/bash
# The last library became a link to another one of the closure: ld.so maps fewer files than planned.
. "$(dirname "$0")/system.sh"
# libthree.so is mapped last of all, behind libc; libone.so can do without it.
lib libthree.so <<<'int three(void) { return 3; }'
lib libone.so libthree.so <<-'C'
	extern int three(void) __attribute__((weak));
	int (*p)(void) = three;
	int one(void) { return p ? p() : 44; }
C
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast ./main <<<'one 3'
rm libthree.so
ln -s libone.so libthree.so
run_into stock.out ./main.stock
expect stock.out <<<'one 44'
right ./main <<<'one 44'
epoch
fast ./main <<<'one 44'
