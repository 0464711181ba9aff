#!/bin/bash
# C++ exceptions and RTTI cross libraries: types are equal, destructors run, unknown ones terminate.
. "$(dirname "$0")/lib.sh"
needs g++
export CC=g++ WAYS=lazy # libstdc++ has calls that stay lazy

lib libthrow.so <<'E'
#include <stdexcept>
struct base { virtual ~base() {} virtual int id() const { return 1; } };
struct derived : base { int id() const override; };
int derived::id() const { return 2; }
void raise(int kind)
{
	if (kind == 0) throw derived();
	if (kind == 1) throw std::runtime_error("runtime");
	throw 42;
}
base *make() { return new derived; }
E
prog p libthrow.so <<'E'
#include <cstdio>
#include <stdexcept>
#include <typeinfo>
struct base { virtual ~base() {} virtual int id() const { return 1; } };
struct derived : base { int id() const override; };
void raise(int);
base *make();
struct guard { ~guard() { std::puts("unwound"); } };
int main(int argc, char **)
{
	for (int i = 0; i < 3; i++)
		try { guard g; raise(i); }
		catch (const base &b) { std::printf("base %d\n", b.id()); }
		catch (const std::exception &e) { std::printf("%s\n", e.what()); }
		catch (int n) { std::printf("%d\n", n); }
	base *b = make();
	std::printf("%d %d\n", typeid(*b) == typeid(derived), dynamic_cast<derived *>(b) != nullptr);
	delete b;
	return 0;
}
E
both ./p <<'E'
unwound
base 2
unwound
runtime
unwound
42
1 1
E
