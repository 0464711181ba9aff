#!/bin/bash
# The last library became a link to another one of the closure: ld.so maps fewer files than planned.
. "$(dirname "$0")/system.sh"
# libone.so can do without libthree.so, which is needed last of all, behind libc.
lib libthree.so <<<'int three(void) { return 3; }'
lib libone.so libthree.so <<-'C'
	__attribute__((weak)) int three(void) { return 33; }
	int (*p)(void) = three;
	int one(void) { return p(); }
C
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast ./main <<<'one 33'
cp -p libthree.so keep
ln -sf libone.so libthree.so
right ./main <<<'one 33'
epoch
fast ./main <<<'one 33'
