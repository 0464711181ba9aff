#!/bin/bash
# Symbols of ld.so itself, copied into a non-PIE program and through the GOT; ld.so needed first.
. "$(dirname "$0")/lib.sh"

for kind in -pie -no-pie; do
	prog p $kind /lib64/ld-linux-x86-64.so.2 <<'E'
#include <link.h>
#include <stdio.h>
#include <string.h>
extern void *__libc_stack_end;
int main(int argc, char **argv)
{
	int n = 0, libc = 0;
	for (struct link_map *m = _r_debug.r_map; m; m = m->l_next) {
		n++;
		libc |= strstr(m->l_name, "/libc.so.6") != NULL;
	}
	printf("%d %d %d %d\n", _r_debug.r_version, n > 2, libc, (char *)__libc_stack_end > (char *)&n);
	return 0;
}
E
	readelf -dW p.stock | grep NEEDED | head -n 1 | grep -q ld-linux || fail "ld.so is not needed first"
	both ./p <<<'1 1 1 1'
done
