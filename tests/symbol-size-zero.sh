#!/bin/bash
# Symbols of size 0 and without type, from assembly, bind like others.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
__asm__(".text\n.globl bare\nbare: mov $77, %eax\nret\n"
	".data\n.globl word\nword: .long 5\n.globl word2\n.set word2, word\n.text");
E
lib libb.so liba.so <<'E'
int bare(void);
extern int word, word2;
int *p = &word, *q = &word2, (*f)(void) = bare;
int b(void) { return bare() + f() + *p + *q + (p == q); }
E
prog p libb.so liba.so <<'E'
#include <stdio.h>
int b(void);
int main(void) { printf("%d\n", b()); return 0; }
E
both ./p <<<165
