#!/bin/bash
# A core file, written by the kernel or by gdb, is readable: backtrace through a library, its variables.
. "$(dirname "$0")/system.sh"
needs gdb
lib libone.so <<'C'
#include <signal.h>
#include <unistd.h>
int state = 5;
int *const where = &state;
void crash(int how)
{
	*where = how;
	kill(getpid(), SIGABRT);
	for (;;)
		pause();
}
C
prog main libone.so <<'C'
extern void crash(int how);
int main(void) { crash(77); return 0; }
C
epoch
look() { # CORE: what gdb finds in it
	gdb -nx -batch -ex bt -ex 'print state' -ex 'print *where' -ex 'info sharedlibrary' "$1" "$2" </dev/null >out 2>&1 || true
	grep -q '^#[1-4] .* crash (how=' out || { cat out >&2; fail "$1: no frame of crash"; }
	grep -q '^#[2-5] .* main ()' out || { cat out >&2; fail "$1: no frame of main"; }
	has '$1 = 77' out
	has '$2 = 77' out
	grep -qE '^0x.* Yes .*/libone\.so$' out || { cat out >&2; fail "$1: libone.so is not in the list"; }
}
for prog in ./main.stock ./main; do
	rm -f core*
	gdb -nx -batch -ex 'set startup-with-shell off' -ex "set environment LD_MATR_STORE $STORE" \
		-ex 'set environment LD_MATR_REQUIRE 1' -ex run -ex 'generate-core-file core.gdb' $prog </dev/null >log 2>&1
	look $prog core.gdb
	if [ "$(cat /proc/sys/kernel/core_pattern)" = core ] && ulimit -Sc unlimited 2>/dev/null; then
		run_into log LD_MATR_STORE="$STORE" ${STOCK:+A=1} $prog
		rm -f core.gdb
		mv core* kernel.core 2>/dev/null || continue # not here
		look $prog kernel.core
	fi
done
