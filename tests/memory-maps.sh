#!/bin/bash
# The finished process: nothing writable and executable, the epoch's files only mapped private.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int x; int *p = &x; int one(void) { return *p + 1; }'
prog main libone.so <<'C'
#include <stdio.h>
#include <string.h>
extern int one(void);
int main(int argc, char **argv)
{
	char line[4096];
	int pages = 0, loader = 0, wx = 0, shared = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof(line), f)) {
		char prot[8];
		sscanf(line, "%*s %7s", prot);
		wx += prot[1] == 'w' && prot[2] == 'x';
		shared += prot[3] == 's';
		pages += strstr(line, argv[1]) && strstr(line, "/pages");
		loader += strstr(line, argv[1]) && strstr(line, "/loader/") && prot[2] == 'x';
	}
	printf("one %d, w+x %d, shared %d\n", one(), wx, shared);
	if (argc > 2)
		printf("pages %s, loader text %d\n", pages ? "mapped" : "-", loader);
	return 0;
}
C
both ./main nowhere <<<'one 1, w+x 0, shared 0'
[ -n "${STOCK-}" ] || fast ./main "$STORE" matr <<'E'
one 1, w+x 0, shared 0
pages mapped, loader text 1
E
