#!/bin/bash
# A library uses its own protected variable although the program defines another of that name.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
__attribute__((visibility("protected"))) int data = 1;
int *where = &data;
int inside(void) { return data * 10 + *where; }
E
lib libb.so liba.so <<'E'
extern int data;
int outside(void) { return data; }
E
prog own -fPIC -rdynamic libb.so liba.so <<'E'
#include <stdio.h>
int data = 2;
int inside(void), outside(void);
int main(void) { printf("%d %d %d\n", data, inside(), outside()); return 0; }
E
prog uses -fPIC libb.so liba.so <<'E'
#include <stdio.h>
extern int data;
int inside(void), outside(void);
int main(void) { data = 3; printf("%d %d %d\n", data, inside(), outside()); return 0; }
E
both ./own <<<'2 11 2'
both ./uses <<<'3 33 3'
