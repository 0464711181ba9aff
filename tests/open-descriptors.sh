#!/bin/bash
# The program finds exactly the descriptors open that it finds under stock, also with 0-2 closed.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <fcntl.h>
#include <stdio.h>
extern int one(void);
static char list[4096];
__attribute__((constructor)) static void look(void)
{
	int n = 0;
	for (int fd = 0; fd < 10; fd += one())
		if (fcntl(fd, F_GETFD) >= 0)
			n += sprintf(list + n, " %d", fd);
}
int main(int argc, char **argv)
{
	FILE *f = fopen(argv[1], "w");
	fprintf(f, "open:%s, next %d\n", list, fileno(f));
	return 0;
}
C
epoch
export LD_MATR_STORE="$STORE"
try() { # CLOSED WHAT: every way of starting sees the descriptors WHAT
	for prog in ./main.stock ./main; do
		for v in ${WAYS-LD_MATR_REQUIRE LD_MATR_DEBUG LD_ANYTHING}; do
			rm -f seen
			(eval "exec $1 5>&- 6>&- 7>&-"; [ -n "${STOCK-}" ] || export "$v=1"; exec "$prog" seen) 2>/dev/null || true
			expect seen <<<"$2"
		done
	done
}
exec 3>&- 4>&- 8>&- 9>&-
try '</dev/null' 'open: 0 1 2, next 3'
try '<&-' 'open: 1 2, next 0'
try '>&-' 'open: 0 2, next 1'
try '2>&-' 'open: 0 1, next 2'
try '<&- >&-' 'open: 2, next 0'
try '<&- >&- 2>&-' 'open:, next 0'
try '4</dev/null' 'open: 0 1 2 4, next 3'
touch libone.so # now the shim starts again, in the middle
WAYS=LD_MATR_DEBUG
try '</dev/null' 'open: 0 1 2, next 3'
try '<&- >&- 2>&-' 'open:, next 0'
try '4</dev/null' 'open: 0 1 2 4, next 3'
