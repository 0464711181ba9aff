#!/bin/bash
# gdb: a breakpoint in a library's constructor, before main: stops there, with a backtrace and without a warning.
. "$(dirname "$0")/system.sh"
needs gdb
lib libone.so <<'C'
int ready;
__attribute__((constructor)) static void make_ready(void)
{
	ready = 41;
}
int one(void) { return ++ready; }
C
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast ./main <<<'one 42'
for prog in ./main.stock ./main; do
	gdb -nx -batch -ex 'set confirm off' -ex 'set breakpoint pending on' -ex 'set startup-with-shell off' \
		-ex "set environment LD_MATR_STORE $STORE" -ex 'set environment LD_MATR_REQUIRE 1' \
		-ex 'break make_ready' -ex run -ex 'echo STOPPED\n' -ex bt -ex finish -ex 'print ready' \
		-ex 'info sharedlibrary' -ex 'break one' -ex continue -ex bt -ex continue $prog </dev/null >out 2>&1 || true
	sed -n '/^STOPPED/,$p' out | grep -q '^#0 .*make_ready ()' || { cat out >&2; fail "$prog: no backtrace"; }
	has '$1 = 41' out
	grep -qE '^0x.* Yes .*/libone\.so$' out || { cat out >&2; fail "$prog: libone.so is not in the list"; }
	grep -q '^#1 .* main () at' out || { cat out >&2; fail "$prog: no caller"; }
	has 'one 42' out
	grep -v -i 'debuginfod\|thread_db\|host libthread\|<stdin>' out >plain
	# gdb 16 and later warn where a source is missing, too.
	! grep 'warning: ' plain | grep -v 'No such file' || fail "$prog: gdb warns"
done
