#!/bin/bash
# An SHN_ABS symbol of value 0 is defined: it answers before a later real one.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,--defsym=zero=0 <<<'int a;'
lib libz.so <<<'int zero = 5;'
lib libb.so <<'E'
extern char zero[];
char *data = zero + 3;
long b(void) { return (long)data; }
E
prog p -fPIC liba.so libz.so libb.so <<'E'
#include <stdio.h>
long b(void);
int main(void) { printf("%ld\n", b()); return 0; }
E
both ./p <<<3
