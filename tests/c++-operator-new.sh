#!/bin/bash
# operator new and delete replaced in the program are used by libstdc++ and by libraries.
. "$(dirname "$0")/lib.sh"
needs g++
export CC=g++ WAYS=lazy # libstdc++ has calls that stay lazy

lib liba.so <<'E'
#include <string>
std::string *a() { return new std::string(1000, 'x'); }
E
prog p liba.so <<'E'
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
static int news, deletes;
void *operator new(std::size_t n) { news++; return std::malloc(n); }
void operator delete(void *p) noexcept { deletes++; std::free(p); }
void operator delete(void *p, std::size_t) noexcept { deletes++; std::free(p); }
std::string *a();
int main()
{
	int before = news;
	delete a();
	std::printf("%d %d\n", news - before, deletes);
}
E
both ./p <<<'2 2'
