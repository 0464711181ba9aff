#!/bin/bash
# Ten thousand variables and a megabyte of arguments pass through.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
#include <string.h>
extern char **environ;
extern int one(void);
int main(int argc, char **argv)
{
	unsigned long n = 0, bytes = 0, arguments = 0;
	for (char **e = environ; *e; e++)
		if (!strncmp(*e, "VAR", 3)) {
			n += one();
			bytes += strlen(*e);
		}
	for (int i = 1; i < argc; i++)
		arguments += strlen(argv[i]);
	printf("%lu variables, %lu bytes; %d arguments, %lu bytes\n", n, bytes, argc - 1, arguments);
	return 0;
}
C
long=$(printf '%0100000d' 0)
gcc -w -x c - -o many <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	for (int i = 10000; i < 20000; i++) {
		char *v = malloc(16);
		sprintf(v, "VAR%d=value", i);
		putenv(v);
	}
	return execv(argv[1], argv + 1);
}
C
both ./main x yz <<<'0 variables, 0 bytes; 2 arguments, 3 bytes'
fast ./many ./main "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" <<<'10000 variables, 140000 bytes; 10 arguments, 1000000 bytes'
