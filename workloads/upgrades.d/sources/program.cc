/* The C++ program of the made-up packages */
#include <iostream>
#include <memory>
#include <stdexcept>

int main()
{
	bool ok = cxx_check() == 0 && cxx_only() == &only<int>::value;
	std::unique_ptr<shape> s(cxx_make(5));
	ok = ok && s->area() == 25 && dynamic_cast<square *>(s.get());
	try {
		cxx_throw(3);
		ok = false;
	} catch (const std::out_of_range &) {
	}
	std::cout << NAME << ' ' << VERSION << ": cxx " << cxx_version() << (ok ? " ok" : " is wrong") << std::endl;
	return !ok;
}
