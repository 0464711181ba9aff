#!/bin/bash
# stdout, stderr and environ copied into a non-PIE program are the ones that libc uses.
. "$(dirname "$0")/lib.sh"

prog p -no-pie -fno-pic <<'E'
#include <stdio.h>
#include <string.h>
extern char **environ, **__environ;
int main(void)
{
	FILE *memory;
	char *text;
	size_t bytes;

	fprintf(stdout, "out\n");
	fflush(NULL);
	fprintf(stderr, "err\n");
	memory = open_memstream(&text, &bytes);
	FILE *saved = stdout;
	stdout = memory;
	printf("caught");
	fclose(memory);
	stdout = saved;
	printf("%s %d %d\n", text, environ == __environ, environ != NULL);
	return 0;
}
E
readelf -rW p.stock | grep -q R_X86_64_COPY || fail "no COPY"
both ./p <<'E'
out
err
caught 1 1
E
