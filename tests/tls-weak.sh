#!/bin/bash
# A weak thread-local variable that nothing defines, and one that another library does define.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'__thread int there = 8;'
lib libb.so <<'E'
extern __thread int there __attribute__((weak));
int b(void) { return there; }
E
prog p liba.so libb.so <<'E'
#include <stdio.h>
int b(void);
int main(void) { printf("%d\n", b()); return 0; }
E
both ./p <<<8
