#!/bin/bash
# A program built with AddressSanitizer takes the fast path; its reports are as under stock.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
echo 'int main(void) { return 0; }' | gcc -fsanitize=address -x c - -o probe 2>/dev/null && ./probe || skip "no AddressSanitizer"
prog main libone.so -fsanitize=address <<'C'
#include <stdio.h>
#include <stdlib.h>
extern int one(void);
int main(int argc, char **argv)
{
	volatile char *p = malloc(10);
	p[9 + argc - 1] = one();
	printf("wrote %d\n", p[9 + argc - 1]);
	free((void *)p);
	return 0;
}
C
WAYS=lazy both ./main <<<'wrote 1' # some releases' libasan has calls that stay lazy
run_into out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" ./main bad
has 'ERROR: AddressSanitizer: heap-buffer-overflow' out
has 'in main' out
has 'exit 1' out
