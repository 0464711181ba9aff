#!/bin/bash
# Program and libraries share one copied variable; its initial value comes from the library.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
int counter = 5;
char text[32] = "from liba";
int *address(void) { return &counter; }
E
lib libb.so liba.so <<'E'
extern int counter;
int *slot = &counter;
int bump(void) { return ++counter + ++*slot; }
E
prog p -no-pie -fno-pic libb.so liba.so <<'E'
#include <stdio.h>
extern int counter;
extern char text[32];
int *address(void), bump(void);
int main(void)
{
	int b = bump();
	printf("%d %d %d %s\n", b, counter, address() == &counter, text);
	return 0;
}
E
both ./p <<<'13 7 1 from liba'
