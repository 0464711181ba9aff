#!/bin/bash
# Symbolic relocations with large, negative and unaligned addends.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int array[100] = { [50] = 1 };'
lib libb.so liba.so <<'E'
extern char array[];
struct __attribute__((packed)) { char c; char *p[3]; } odd = { 1, { array + 7, array - 9, array + 0x123456789 } };
long b(int n) { return odd.p[n] - array; }
E
prog p libb.so liba.so <<'E'
#include <stdio.h>
long b(int);
int main(void) { printf("%ld %ld %lx\n", b(0), b(1), b(2)); return 0; }
E
both ./p <<<'7 -9 123456789'
