#!/bin/bash
# Large zeroed areas after a short writable segment, in a library and in the program; partial pages are zero.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
int start = 1;
int *pointer = &start;
char huge[300 << 20];
long sum(void)
{
	long n = *pointer;
	for (long i = 0; i < 3 * 4096; i++)
		n += huge[i] + huge[sizeof huge - 1 - i];
	return n;
}
E
prog p -fPIC liba.so <<'E'
#include <stdio.h>
long sum(void);
extern char huge[];
static char own[200 << 20];
int main(void) { own[150 << 20] = huge[5] = 2; printf("%ld %d\n", sum(), own[150 << 20] + own[1]); return 0; }
E
both ./p <<<'3 2'
