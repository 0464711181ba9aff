#!/bin/bash
# An ordinary reference meets a thread-local symbol: the value is what stock makes of it.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int a, v;'
lib libb.so <<'E'
extern char v[];
char *where = v;
E
prog p -fPIC liba.so libb.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
extern char *where;
extern int a;
int main(void)
{
	Dl_info i;
	dladdr(&a, &i);
	printf("%ld\n", (long)(where - (char *)i.dli_fbase));
	return 0;
}
E
lib liba.so <<<'__thread int pad = 1, v = 5; int a;'
offset=$(readelf --dyn-syms -W liba.so | awk '$8 == "v" { print $2 }')
both ./p <<<"$((16#$offset))"
