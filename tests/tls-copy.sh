#!/bin/bash
# A non-PIE program reaches a library's thread-local variable in the initial-exec model.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
__thread int v = 5;
int *where(void) { return &v; }
E
prog p -no-pie -fno-pic liba.so <<'E'
#include <stdio.h>
extern __thread int v;
int *where(void);
int main(void) { v += 2; printf("%d %d\n", *where(), where() == &v); return 0; }
E
both ./p <<<'7 1'
