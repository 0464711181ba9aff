#!/bin/bash
# The first definition in scope order wins, weak or not: a weak one before a strong one.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
__attribute__((weak)) int which(void) { return 1; }
__attribute__((weak)) int value = 10;
E
lib libb.so <<'E'
int which(void) { return 2; }
int value = 20;
int other(void) { return which() + value; }
E
prog p -fPIC liba.so libb.so <<'E'
#include <stdio.h>
int which(void), other(void);
extern int value;
int main(void) { printf("%d %d %d\n", which(), value, other()); return 3; }
E
both ./p <<'E'
1 10 11
exit 3
E
