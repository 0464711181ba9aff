#!/bin/bash
# R_X86_64_SIZE64: the size of another library's symbol.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'char array[123];'
lib libb.so liba.so <<'E'
__asm__(".data\n.balign 8\n.globl size\nsize: .quad array@SIZE + 2\n.text");
extern long size;
long b(void) { return size; }
E
readelf -rW libb.so | grep -q R_X86_64_SIZE64 || skip "the assembler makes no SIZE64"
prog p libb.so liba.so <<'E'
#include <stdio.h>
long b(void);
int main(void) { printf("%ld\n", b()); return 0; }
E
both ./p <<<125
