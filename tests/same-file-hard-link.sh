#!/bin/bash
# One file needed under two hard-linked names is loaded once.
. "$(dirname "$0")/lib.sh"

SONAME='' lib liba.so <<<'int count; int bump(void) { return ++count; }'
ln liba.so libalias.so
SONAME='' lib libuser.so -L. -lalias <<'E'
int bump(void);
int user(void) { return bump(); }
E
prog p -L. -la -luser <<'E'
#include <stdio.h>
int bump(void), user(void);
int main(void) { int x = bump(), y = user(); printf("%d %d\n", x, y); return 0; }
E
both ./p <<<'1 2'
