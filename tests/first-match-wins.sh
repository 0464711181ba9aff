#!/bin/bash
# A data symbol and a function of two libraries: the first in load order, breadth first, wins for all.
. "$(dirname "$0")/lib.sh"

lib libdeep.so <<'E'
int who(void) { return 1; }
int data = 1;
E
lib liba.so libdeep.so <<'E'
int who(void); extern int data;
int a(void) { return who() * 10 + data; }
E
lib libb.so <<'E'
int who(void) { return 2; }
int data = 2;
int b(void) { return who() * 10 + data; }
E
prog p -fPIC liba.so libb.so <<'E'
#include <stdio.h>
int a(void), b(void), who(void);
int main(void) { printf("%d %d %d\n", a(), b(), who()); return 0; }
E
both ./p <<<'22 22 2'
