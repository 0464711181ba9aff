#!/bin/bash
# backtrace() through libraries finds the same frames; unwinding needs the right load addresses.
. "$(dirname "$0")/lib.sh"

lib libb.so <<'E'
#include <execinfo.h>
#include <string.h>
#include <stdio.h>
int leaf(void)
{
	void *frames[20];
	int n = backtrace(frames, 20);
	char **names = backtrace_symbols(frames, n);
	for (int i = 0; i < 3; i++)
		printf("%.*s\n", (int)strcspn(strrchr(names[i], '/') + 1, "+"), strrchr(names[i], '/') + 1);
	return n > 3;
}
E
lib liba.so libb.so <<<'int leaf(void); int middle(void) { return leaf() + 1; }'
SONAME='' prog p -rdynamic liba.so libb.so <<<'int middle(void); int main(void) { return middle() - 2; }'
both ./p <<'E'
libb.so(leaf
liba.so(middle
p(main
E
