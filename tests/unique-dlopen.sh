#!/bin/bash
# A library that is dlopened later, locally or with DEEPBIND, gets the unique variable of start-up.
. "$(dirname "$0")/lib.sh"
needs g++
export CC=g++ WAYS=lazy # libstdc++ has calls that stay lazy

for x in start local deep; do
	lib lib$x.so <<'E'
inline int &counter() { static int n = 0; return n; }
extern "C" int bump() { return ++counter(); }
E
done
prog p libstart.so <<'E'
#include <cstdio>
#include <dlfcn.h>
extern "C" int bump();
typedef int (*function)();
int main()
{
	function local = (function)dlsym(dlopen("liblocal.so", RTLD_NOW | RTLD_LOCAL), "bump");
	function deep = (function)dlsym(dlopen("libdeep.so", RTLD_NOW | RTLD_DEEPBIND), "bump");
	int first = bump(), second = local(), third = deep();
	std::printf("%d %d %d %d\n", first, second, third, local != deep && deep != bump);
}
E
both ./p <<<'1 2 3 1'
