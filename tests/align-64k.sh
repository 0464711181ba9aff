#!/bin/bash
# A library with segments aligned to 64 KiB: its addresses keep the alignment.
. "$(dirname "$0")/lib.sh"

for how in '-Wl,-z,max-page-size=0x10000' '-Wl,-z,max-page-size=0x10000,-z,common-page-size=0x10000'; do
	lib liba.so $how <<'E'
int big __attribute__((aligned(65536))) = 3;
int *pointer = &big;
int a(void) { return *pointer; }
E
	prog p -fPIC $how liba.so <<'E'
#include <stdint.h>
#include <stdio.h>
int a(void);
extern int big;
static int own __attribute__((aligned(65536))) = 9;
int main(void) { printf("%d %d %d\n", a(), (int)((uintptr_t)&big % 65536), (int)((uintptr_t)&own % 65536)); return 0; }
E
	both ./p <<<'3 0 0'
done
