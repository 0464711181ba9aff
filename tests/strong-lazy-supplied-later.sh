#!/bin/bash
# A strong call that nothing defines at start fails only when it is called, or finds a later dlopen.
. "$(dirname "$0")/lib.sh"

lib liblater.so <<'E'
int later(void) { return 43; }
E
lib liba.so -Wl,-z,undefs <<'E'
int later(void);
int call(void) { return later(); }
E
prog p -fPIC -Wl,--allow-shlib-undefined liba.so <<'E'
#include <stdio.h>
#include <dlfcn.h>
int call(void);
int main(int argc, char **argv)
{
	puts("started");
	fflush(stdout);
	if (argc > 1 && !dlopen("liblater.so", RTLD_NOW | RTLD_GLOBAL))
		return 1;
	printf("%d\n", call());
	return 0;
}
E
WAYS=lazy both ./p later <<'E'
started
43
E
WAYS=lazy both ./p <<E
started
./p: symbol lookup error: $FOLDER/liba.so: undefined symbol: later
exit 127
E
LD_BIND_NOW=1 stock_only bind-now ./p <<E
./p: symbol lookup error: $FOLDER/liba.so: undefined symbol: later
exit 127
E
