#!/bin/bash
# GLIBC_TUNABLES survives a restart in process, also where ld.so has put a copy of it into its own memory.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern int one(void);
int main(void)
{
	const char *t = getenv("GLIBC_TUNABLES");
	printf("one %d, %zu bytes, %.20s\n", one(), t ? strlen(t) : 0, t ? t : "none");
	return 0;
}
C
long=glibc.malloc.check=0$(printf ':glibc.malloc.check=0%.0s' {1..600})
fast GLIBC_TUNABLES=glibc.malloc.check=0 ./main <<<'one 1, 20 bytes, glibc.malloc.check=0'
touch libone.so
falls library-changed GLIBC_TUNABLES=glibc.malloc.check=0 ./main <<<'one 1, 20 bytes, glibc.malloc.check=0'
falls library-changed GLIBC_TUNABLES="$long" ./main <<<"one 1, ${#long} bytes, glibc.malloc.check=0"
