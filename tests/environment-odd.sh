#!/bin/bash
# Environment and arguments arrive untouched: duplicates, entries without "=", empty ones, no argv at all.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
extern char **environ;
extern int one(void);
int main(int argc, char **argv)
{
	printf("argc %d\n", argc * one());
	for (int i = 0; i <= argc; i++)
		printf("argv[%d] %s\n", i, argv[i] ? argv[i] : "end");
	for (char **e = environ; *e; e++)
		printf("<%s>\n", *e);
	return 0;
}
C
gcc -w -x c - -o odd <<'C'
#include <unistd.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	char store[4200], *no[] = { NULL };
	char *e[] = { "LD_MATR_REQUIRE=1", "A=1", "NOEQUALS", "", "=", "A=2", store, "LD", "Z=" , NULL };
	snprintf(store, sizeof(store), "LD_MATR_STORE=%s", argv[2]);
	return execve(argv[1], argc > 3 ? argv + 3 : no, e);
}
C
epoch
lines() { printf '%s\n' '<LD_MATR_REQUIRE=1>' '<A=1>' '<NOEQUALS>' '<>' '<=>' '<A=2>' "<LD_MATR_STORE=$STORE>" '<LD>' '<Z=>'; }
for prog in ./main.stock ./main; do
	./odd $prog "$STORE" 'a b' '' c >out
	{ printf '%s\n' 'argc 3' 'argv[0] a b' 'argv[1] ' 'argv[2] c' 'argv[3] end'; lines; } | expect out
	./odd $prog "$STORE" >out
	sed -i '1,/end/d' out # newer kernels replace a missing argv[0] by an empty one
	lines | expect out
done
