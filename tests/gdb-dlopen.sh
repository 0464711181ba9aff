#!/bin/bash
# gdb: a pending breakpoint in a library that is opened later with dlopen.
. "$(dirname "$0")/system.sh"
needs gdb
lib liblate.so <<'C'
int late(int x)
{
	return x + 1;
}
C
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so -ldl <<'C'
#include <dlfcn.h>
#include <stdio.h>
extern int one(void);
int main(int argc, char **argv)
{
	void *h = dlopen("liblate.so", RTLD_NOW);
	int (*late)(int) = dlsym(h, "late");
	printf("late %d\n", late(one()));
	dlclose(h);
	return 0;
}
C
fast ./main <<<'late 2'
for prog in ./main.stock ./main; do
	gdb -nx -batch -ex 'set breakpoint pending on' -ex 'set startup-with-shell off' \
		-ex "set environment LD_MATR_STORE $STORE" -ex 'set environment LD_MATR_REQUIRE 1' \
		-ex 'break late' -ex run -ex 'echo STOPPED\n' -ex bt -ex 'print x' -ex 'info sharedlibrary' -ex continue $prog \
		</dev/null >out 2>&1 || true
	grep -q '^#0 .*late (x=1)' out || { cat out >&2; fail "$prog: did not stop"; }
	grep -q '^#1 .* main (argc=' out || { cat out >&2; fail "$prog: no caller"; }
	grep -qE '^0x.* Yes .*/liblate\.so$' out || { cat out >&2; fail "$prog: liblate.so is not in the list"; }
	has 'late 2' out
	has 'exited normally' out
done
