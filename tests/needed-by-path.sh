#!/bin/bash
# DT_NEEDED with an absolute path.
. "$(dirname "$0")/lib.sh"
mkdir deep

SONAME=$FOLDER/deep/liba.so lib deep/liba.so <<<'int a(void) { return 11; }'
RPATH='' prog p deep/liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
both ./p <<<11
