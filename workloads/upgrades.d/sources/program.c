/*
 * A program of a made-up package: asks each of its libraries (LIBS: X(alpha) X(beta)...) who it is and
 * whether all its own addresses are right, and tries what it exports.  NEED: the version of the
 * libraries that it was built with.  Ends with "ok" and 0 where everything is right.
 */
#include <stdio.h>

int main(void)
{
	int bad = 0;

	printf("%s %d:", NAME, VERSION);
#define X(lib)                                                                                          \
	printf(" " #lib " %d", lib##_version());                                                        \
	if (lib##_check() || use_##lib())                                                               \
		bad = printf(" is wrong");
	LIBS
	puts(bad ? "" : " ok");
	return bad != 0;
}
