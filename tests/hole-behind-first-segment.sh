#!/bin/bash
# A library whose first segment is followed by a hole: ld.so protects the hole, so it must be mapped.
. "$(dirname "$0")/lib.sh"

lib libhole.so -Wl,-z,separate-code -Wl,--section-start=.init=0x10000 <<'C'
int data = 5, *pointer = &data;
int hole(void) { return *pointer; }
C
prog main libhole.so <<'C'
#include <stdio.h>
extern int hole(void);
int main(void) { printf("hole %d\n", hole()); return 0; }
C
both ./main <<<'hole 5'
