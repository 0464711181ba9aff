/* Compiled with cxx.h, like its program. */
#include <stdexcept>
#include <string>
shape::~shape() = default;
int shape::area() const { return 0; }
#if VERSION >= 2
struct wide : square { /* a class that the programs do not know */
	using square::square;
	int area() const override { return side * side; }
};
int square::area() const { return side * side; }
shape *cxx_make(int n) { return new wide(n); }
#else
int square::area() const { return side * side; }
shape *cxx_make(int n) { return new square(n); }
#endif
void cxx_throw(int n) { throw std::out_of_range(std::to_string(n)); }
int *cxx_only() { return &only<int>::value; }
int cxx_version() { return VERSION; }
int cxx_check()
{
	try {
		cxx_throw(4);
	} catch (const std::exception &e) {
		return std::string(e.what()) != "4";
	}
	return 1;
}
