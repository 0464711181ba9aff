#!/bin/bash
# One file needed under two names, a link and itself, is loaded once.
. "$(dirname "$0")/lib.sh"

SONAME=libalias.so lib liba.so <<<'int count; int bump(void) { return ++count; }'
lib libuser.so liba.so <<'E'
int bump(void);
int user(void) { return bump(); }
E
SONAME='' lib liba.so <<<'int count; int bump(void) { return ++count; }'
ln -s liba.so libalias.so
prog p -L. -la libuser.so <<'E'
#include <stdio.h>
int bump(void), user(void);
int main(void) { int x = bump(), y = user(); printf("%d %d\n", x, y); return 0; }
E
both ./p <<<'1 2'
