#!/bin/bash
# gdb attached to a running program: its libraries, the variables of one.
. "$(dirname "$0")/system.sh"
needs gdb
lib libone.so <<<'int state = 5; int one(void) { return ++state; }'
prog main libone.so <<'C'
#include <stdio.h>
#include <unistd.h>
extern int one(void);
int main(void)
{
	printf("one %d\n", one());
	fflush(stdout);
	for (;;)
		pause();
}
C
epoch
for prog in ./main.stock ./main; do
	mkfifo line
	LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE $prog >line &
	pid=$!
	read -r said <line
	[ "$said" = 'one 6' ] || fail "said $said"
	gdb -nx -batch -p $pid -ex bt -ex 'print state' -ex 'info sharedlibrary' >out 2>&1 </dev/null || true
	kill $pid
	wait $pid || true
	rm line
	grep -q ' in main ()' out || { cat out >&2; fail "no backtrace"; }
	has '$1 = 6' out
	grep -qE '^0x.* Yes .*/libone\.so$' out || { cat out >&2; fail "libone.so is not in the list"; }
done
