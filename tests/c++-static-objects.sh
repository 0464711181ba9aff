#!/bin/bash
# Static objects of several libraries and the program: constructed and destroyed in order; iostreams work.
. "$(dirname "$0")/lib.sh"
needs g++
export CC=g++ WAYS=lazy # libstdc++ has calls that stay lazy

for x in one two; do
	lib lib$x.so <<E
#include <iostream>
struct $x { $x() { std::cout << "+$x" << std::endl; } ~$x() { std::cout << "-$x" << std::endl; } };
static $x object;
int f_$x() { static thread_local int n = 3; return n++; }
E
done
prog p libone.so libtwo.so <<'E'
#include <iostream>
#include <locale>
int f_one(), f_two();
struct mine { ~mine() { std::cerr << "-mine" << std::endl; } } object;
int main()
{
	std::cout << f_one() + f_two() << ' ' << std::use_facet<std::ctype<char>>(std::locale()).toupper('x') << std::endl;
}
E
both ./p <<'E'
+two
+one
6 X
-mine
-one
-two
E
