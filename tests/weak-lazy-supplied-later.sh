#!/bin/bash
# A weak call through the PLT that nothing defines at start is supplied by a later dlopen(RTLD_GLOBAL).
. "$(dirname "$0")/lib.sh"

lib liblater.so <<'E'
int later(void) { return 42; }
E
lib liba.so <<'E'
__attribute__((weak)) int later(void);
int call(void) { __asm__ volatile("" ::: "memory"); return later(); }
E
prog p -fPIC liba.so <<'E'
#include <stdio.h>
#include <dlfcn.h>
int call(void);
int main(void)
{
	if (!dlopen("liblater.so", RTLD_NOW | RTLD_GLOBAL))
		return 1;
	printf("%d\n", call());
	return 0;
}
E
readelf -rW liba.so | grep -q 'JUMP_SLO.*later' || fail "not a lazy reference"
WAYS=lazy both ./p <<<42
# With LD_BIND_NOW the slot becomes zero at start: the stock path, and the call crashes.
export LD_BIND_NOW=1
stock_only bind-now ./p <<<'exit 139'
