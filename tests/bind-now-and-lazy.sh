#!/bin/bash
# Libraries and programs linked with -z now, -z lazy, DF_BIND_NOW without relro, all mixed.
. "$(dirname "$0")/lib.sh"

lib libnow.so -Wl,-z,now <<'E'
int lazy(void); int now(void) { return 1; }
int now_calls(void) { return lazy() + now(); }
E
lib liblazy.so libnow.so <<'E'
int now(void); int lazy(void) { return 10; }
int lazy_calls(void) { return lazy() + now(); }
E
for how in now lazy; do
	for relro in relro norelro; do
		prog p-$how-$relro -Wl,-z,$how,-z,$relro libnow.so liblazy.so <<'E'
#include <stdio.h>
int now_calls(void), lazy_calls(void);
int main(void) { printf("%d %d\n", now_calls(), lazy_calls()); return 0; }
E
		both ./p-$how-$relro <<<'11 11'
	done
done
