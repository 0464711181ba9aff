#!/bin/bash
# A library that wants an executable stack gets it, as under stock.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,execstack,--no-warn-execstack <<<'int a(void) { return 6; }'
readelf -lW liba.so | grep -q 'GNU_STACK.* RWE' || fail "no executable stack"
prog p liba.so <<'E'
#include <stdio.h>
#include <string.h>
int a(void);
int main(void)
{
	char line[500];
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, f))
		if (strstr(line, "[stack]"))
			printf("%d %.4s\n", a(), strchr(line, ' ') + 1);
	return 0;
}
E
stock=$(./p.stock)
[ "$stock" = "6 rwxp" ] || skip "this libc gives: $stock"
both ./p <<<'6 rwxp'
