#!/bin/bash
# A program that binds nothing at start but thousands of calls later is worth an image.
. "$(dirname "$0")/system.sh"

{ echo .text; for ((i = 0; i < 4000; i++)); do printf '.globl f%d\n.type f%d,@function\nf%d: incl sum(%%rip)\nret\n' $i $i $i; done
  printf '.globl total\ntotal: mov sum(%%rip), %%eax\nret\n.bss\nsum: .long 0\n.section .note.GNU-stack\n'; } >f.s
as -o f.o f.s
ld -shared -Bsymbolic -soname libf.so --build-id -o libf.so f.o
{ echo .text; echo .globl all; echo 'all: push %rbp'; for ((i = 0; i < 4000; i++)); do echo "call f$i@plt"; done
  printf 'pop %%rbp\nret\n.section .note.GNU-stack\n'; } >all.s
prog p all.s libf.so -Wa,--noexecstack <<'E'
#include <stdio.h>
int total(void);
void all(void);
int main(void) { all(); printf("%d\n", total()); return 0; }
E
run_status 0 matr epoch begin ./p
EPOCH=begun
fast ./p <<<4000
