#!/bin/bash
# dlopen of a library whose needs are partly loaded, binding to start-up libraries, RTLD_NOLOAD, dlclose.
. "$(dirname "$0")/lib.sh"

lib libbase.so <<<'int base = 10; int add(int n) { return base += n; }'
lib libextra.so <<<'int extra(void) { return 5; }'
lib libplug.so libbase.so libextra.so <<'E'
#include <stdio.h>
int add(int), extra(void);
extern int base;
int *where = &base;
int plug(void) { return add(extra()) + *where; }
__attribute__((constructor)) static void start(void) { puts("plug: start"); }
__attribute__((destructor)) static void stop(void) { puts("plug: stop"); }
E
prog p -fPIC libbase.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
extern int base;
int main(void)
{
	printf("%d\n", dlopen("libplug.so", RTLD_NOLOAD | RTLD_NOW) == NULL);
	void *h = dlopen("libplug.so", RTLD_LAZY);
	int (*plug)(void) = dlsym(h, "plug");
	printf("%d ", plug());
	printf("%d\n", base);
	dlclose(h);
	printf("%d\n", dlopen("libplug.so", RTLD_NOLOAD | RTLD_NOW) == NULL);
	printf("%d\n", dlopen("libbase.so", RTLD_NOLOAD | RTLD_NOW) != NULL);
	printf("%s\n", dlopen("libnone.so", RTLD_NOW) ? "opened" : dlerror());
	return 0;
}
E
both ./p <<'E'
1
plug: start
30 15
plug: stop
1
1
libnone.so: cannot open shared object file: No such file or directory
E
