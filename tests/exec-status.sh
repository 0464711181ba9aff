#!/bin/bash
# matr exec passes exit status, signals, standard input and environment through; it stays the same process.
. "$(dirname "$0")/system.sh"
needs_root
unshare -m true 2>/dev/null || skip "no mount namespaces"
plain tool <<'C'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	if (!strcmp(argv[1], "exit"))
		return atoi(argv[2]);
	if (!strcmp(argv[1], "kill"))
		return kill(getpid(), atoi(argv[2]));
	if (!strcmp(argv[1], "cat"))
		for (int c; (c = getchar()) != EOF;)
			putchar(c);
	if (!strcmp(argv[1], "pid"))
		printf("%d %s\n", getpid(), getenv("HELLO"));
	return 0;
}
C
epoch ./tool
for n in 0 1 3 126 127 255; do run_status $n matr exec ./tool exit $n; done
run_status 137 matr exec ./tool kill 9
run_status 143 matr exec ./tool kill 15
printf 'a\nb\n' | matr exec ./tool cat >cat.out
expect cat.out <<<$'a\nb'
HELLO=world "$MATR" --store "$STORE" exec ./tool pid >pid.out &
pid=$!
wait $pid
expect pid.out <<<"$pid world"
run_status 127 matr exec ./nowhere
run_status 127 matr exec no-such-command-anywhere
: >text
chmod 644 text
run_status 126 matr exec ./text
run_status 2 matr exec
run_status 2 matr exec --no-such-option ./tool
