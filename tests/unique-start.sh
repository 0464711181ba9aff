#!/bin/bash
# STB_GNU_UNIQUE: libraries, also symbolic ones, and the program share one variable.
. "$(dirname "$0")/lib.sh"
needs g++
export CC=g++ WAYS=lazy # libstdc++ has calls that stay lazy

for x in a b; do
	flags=()
	[ $x = a ] || flags=("-Wl,-Bsymbolic")
	lib lib$x.so "${flags[@]}" <<E
template <class T> struct holder { static int value; };
template <class T> int holder<T>::value = 1;
inline int &counter() { static int n = 100; return n; }
int *$x() { return &holder<int>::value; }
int bump_$x() { return ++counter() + ++holder<int>::value; }
E
done
readelf --dyn-syms -W liba.so | grep -q UNIQUE || skip "no unique symbols"
prog p liba.so libb.so <<'E'
#include <cstdio>
int *a(), *b(), bump_a(), bump_b();
int main() { int x = bump_a(), y = bump_b(), z = bump_a();
	std::printf("%d %d %d %d\n", a() == b(), x, y, z); }
E
both ./p <<<'1 103 105 107'
