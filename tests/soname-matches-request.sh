#!/bin/bash
# A request for a name that equals a loaded library's SONAME is that library, not another file.
. "$(dirname "$0")/lib.sh"
mkdir other

SONAME=libtwo.so lib other/libone.so <<<'int f(void) { return 1; }'
lib libtwo.so <<<'int f(void) { return 2; }'
lib liba.so libtwo.so <<'E'
int f(void);
int a(void) { return f() * 10; }
E
SONAME=$FOLDER/other/libone.so lib other/libone.so <<<'int f(void) { return 1; }'
prog p other/libone.so liba.so <<'E'
#include <stdio.h>
int a(void), f(void);
int main(void) { printf("%d %d\n", f(), a()); return 0; }
E
SONAME=libtwo.so lib other/libone.so <<<'int f(void) { return 1; }'
both ./p <<<'1 10'
LD_TRACE_LOADED_OBJECTS=1 ./p.stock | grep -q "$FOLDER/libtwo.so" && fail "stock loads libtwo.so"
exit 0
