#!/bin/bash
# PLTs with branch targets (.plt.sec): lazy slots point at the right entry.
. "$(dirname "$0")/lib.sh"

lib liblater.so <<<'int later(void) { return 5; }'
lib liba.so -fcf-protection -Wl,-z,ibtplt,-z,undefs <<'E'
int later(void);
int g(void) { return 1; }
int a(void) { return later() * 10 + g(); }
E
readelf -SW liba.so | grep -q '\.plt\.sec' || skip "ld makes no .plt.sec"
prog p -fcf-protection -Wl,-z,ibtplt,--allow-shlib-undefined liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int a(void);
int main(void) { dlopen("liblater.so", RTLD_NOW | RTLD_GLOBAL); printf("%d\n", a()); return 0; }
E
WAYS=lazy both ./p <<<51
