#!/bin/bash
# dlsym with RTLD_DEFAULT and RTLD_NEXT from the program and from a library, dlvsym, dlinfo.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
#include <dlfcn.h>
int f(void) { int (*next)(void) = dlsym(RTLD_NEXT, "f"); return 1 + next() * 10; }
E
lib libb.so <<'E'
#include <dlfcn.h>
int f(void) { return 2 + 10 * (dlsym(RTLD_NEXT, "f") == 0); }
E
prog p -rdynamic liba.so libb.so <<'E'
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
int f(void) { return 3; }
int main(void)
{
	int (*first)(void) = dlsym(RTLD_DEFAULT, "f"), (*next)(void) = dlsym(RTLD_NEXT, "f");
	void *h = dlopen(NULL, RTLD_NOW), *a = dlopen("liba.so", RTLD_NOW);
	struct link_map *map;
	int (*inside)(void) = dlsym(a, "f");

	printf("%d %d %d %d\n", first(), next(), inside == next, dlsym(h, "f") == (void *)f);
	dlinfo(a, RTLD_DI_LINKMAP, &map);
	printf("%s %d\n", strrchr(map->l_name, '/'), map->l_addr != 0);
	printf("%s\n", dlsym(RTLD_DEFAULT, "nothing") ? "found" : dlerror());
	return 0;
}
E
both ./p <<'E'
3 121 1 1
/liba.so 1
./p: undefined symbol: nothing
E
