#!/bin/bash
# valgrind runs the program, finds no error in it, and finds a real one.
. "$(dirname "$0")/system.sh"
needs valgrind
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
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
valgrind -q ./main.stock >out 2>&1 || skip "valgrind does not work here"
epoch
right valgrind -q --error-exitcode=9 ./main <<<'wrote 1'
run_into out LD_MATR_STORE="$STORE" valgrind -q --error-exitcode=9 ./main bad
has 'Invalid write of size 1' out
has 'exit 9' out
