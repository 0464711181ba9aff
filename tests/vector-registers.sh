#!/bin/bash
# The first call through a PLT slot keeps vector arguments: lazily, and when it was bound before.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
typedef double v4 __attribute__((vector_size(32)));
double sum(double a, double b, double c, double d, double e, double f, double g, double h)
{ return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h; }
long integers(long a, long b, long c, long d, long e, long f, long g) { return a - b + c - d + e - f + g; }
_Complex double twice(_Complex double z) { return 2 * z; }
E
prog p liba.so <<'E'
#include <stdio.h>
double sum(double, double, double, double, double, double, double, double);
long integers(long, long, long, long, long, long, long);
_Complex double twice(_Complex double);
int main(void)
{
	_Complex double z = twice(1.5 + 2.5i);
	printf("%.0f %ld %.0f\n", sum(1, 2, 3, 4, 5, 6, 7, 8), integers(1, 2, 3, 4, 5, 6, 7), __real__ z * __imag__ z);
	return 0;
}
E
both ./p <<<'204 4 15'
