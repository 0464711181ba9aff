#!/bin/bash
# Thread-local storage with a large alignment, zeroed parts and several modules.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
__thread char aligned[200] __attribute__((aligned(256))) = "aligned";
__thread long zero[100];
E
prog p -fPIC liba.so <<'E'
#include <stdint.h>
#include <stdio.h>
extern __thread char aligned[200];
extern __thread long zero[100];
static __thread int mine __attribute__((aligned(64))) = 3;
int main(void)
{
	printf("%s %d %ld %d %d\n", aligned, (int)((uintptr_t)aligned % 256), zero[99], mine,
	       (int)((uintptr_t)&mine % 64));
	return 0;
}
E
both ./p <<<'aligned 0 0 3 0'
