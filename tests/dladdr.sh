#!/bin/bash
# dladdr names the right file and symbol for the program, libraries and libc.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int a(void) { return 1; } int data = 2; int h(void) { return 3; }'
prog p -fPIC -rdynamic liba.so <<'E'
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
int a(void); extern int data; int h(void);
static void tell(void *p)
{
	Dl_info i;
	struct link_map *map;
	if (!dladdr1(p, &i, (void **)&map, RTLD_DL_LINKMAP))
		puts("nothing");
	else
		printf("%.1s %s %d\n", strrchr(i.dli_fname, '/') + 1, i.dli_sname ? i.dli_sname : "-",
		       i.dli_fbase == (void *)map->l_addr);
}
int main(void)
{
	int local;
	tell(main);
	tell(a);
	tell(&data);
	tell((char *)h + 1);
	tell(dlsym(RTLD_NEXT, "puts"));
	tell(&local);
	return 0;
}
E
both ./p <<'E'
p main 1
l a 1
l data 1
l h 1
l puts 1
nothing
E
