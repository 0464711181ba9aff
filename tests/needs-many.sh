#!/bin/bash
# A program that needs 200 libraries itself: MatR serves it, and a restart gives ld.so its section back.
. "$(dirname "$0")/system.sh"

names=()
for ((i = 0; i < 200; i++)); do
	printf '.globl f%d\n.text\nf%d: lea %d(%%rdi), %%eax\nret\n.section .note.GNU-stack\n' $i $i $i >x.s
	as -o x.o x.s
	ld -shared -soname lib$i.so --build-id -o lib$i.so x.o
	names+=("lib$i.so")
done
prog p "${names[@]}" <<'E'
#include <stdio.h>
int f0(int), f77(int), f199(int);
int main(void) { printf("%d\n", f0(1) + f77(1) + f199(1)); return 0; }
E
both ./p <<<279
touch lib150.so
falls library-changed ./p <<<279
