#!/bin/bash
# A library rebuilt after the epoch: the new one is used, and a new epoch takes it up.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int n = 1, *p = &n; int a(void) { return *p; }'
prog p liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
both ./p <<<1
lib liba.so <<<'int n = 2, m = 3, *p = &m; int a(void) { return *p + n; }'
stock_only library-changed ./p <<<5
EPOCH=''
both ./p <<<5
