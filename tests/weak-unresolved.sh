#!/bin/bash
# Weak references that nothing defines are zero: functions, data, and a pointer in initialised data.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
__attribute__((weak)) int nofunction(void);
__attribute__((weak)) extern int nodata;
int (*pointer)(void) = nofunction;
char *inside = (char *)&nodata + 5;
int a(void) { return (nofunction != 0) * 4 + (&nodata != 0) * 2 + (pointer != 0); }
long b(void) { return (long)inside; }
E
prog p -fPIC liba.so <<'E'
#include <stdio.h>
__attribute__((weak)) int absent(void);
int a(void); long b(void);
int main(void) { printf("%d %ld %d\n", a(), b(), absent != 0); return 0; }
E
both ./p <<<'0 5 0'
