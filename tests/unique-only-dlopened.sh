#!/bin/bash
# Two libraries that are only dlopened share a unique variable, with and without NOW.
. "$(dirname "$0")/lib.sh"
needs g++
export CC=g++ WAYS=lazy # libstdc++ has calls that stay lazy

for x in a b; do
	lib lib$x.so <<'E'
template <class T> struct s { static T value; };
template <class T> T s<T>::value = 40;
extern "C" int bump() { return ++s<int>::value; }
E
done
prog p <<'E'
#include <cstdio>
#include <dlfcn.h>
typedef int (*function)();
int main()
{
	function a = (function)dlsym(dlopen("liba.so", RTLD_LAZY), "bump");
	function b = (function)dlsym(dlopen("libb.so", RTLD_NOW), "bump");
	int x = a(), y = b();
	std::printf("%d %d\n", x, y);
}
E
both ./p <<<'41 42'
