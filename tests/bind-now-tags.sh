#!/bin/bash
# BIND_NOW said by DT_BIND_NOW, DT_FLAGS or DT_FLAGS_1: an unresolved weak call becomes 0 at start.
. "$(dirname "$0")/lib.sh"

lib liblater.so <<<'int later(void) { return 42; }'
for tag in BIND_NOW FLAGS FLAGS_1; do
	lib lib$tag.so -Wl,-z,now -fplt <<'E'
__attribute__((weak)) int later(void);
int is_there(void) { return later != 0; }
int call(void) { return later(); }
E
	[ $tag != BIND_NOW ] || lib lib$tag.so -Wl,-z,now,--disable-new-dtags <<'E'
__attribute__((weak)) int later(void);
int is_there(void) { return later != 0; }
int call(void) { return later(); }
E
	at=0x$(readelf -SW lib$tag.so | sed -n 's/.* \.dynamic  *DYNAMIC  *[0-9a-f]*  *\([0-9a-f]*\) .*/\1/p')
	[ $tag = BIND_NOW ] || for other in FLAGS FLAGS_1; do # d_un of the other tag becomes 0
		n=$(readelf -dW lib$tag.so | awk '/^ 0x/ { if ($2 == "('$other')") print n; n++ }')
		[ $other = $tag ] || poke lib$tag.so "$at + 16 * $n + 8" '\0'
	done
	prog p$tag lib$tag.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int is_there(void), call(void);
int main(void)
{
	printf("%d\n", is_there());
	fflush(stdout);
	dlopen("liblater.so", RTLD_NOW | RTLD_GLOBAL);
	return call();
}
E
	printf '%s\n' 0 'exit 139' | both ./p$tag
done
