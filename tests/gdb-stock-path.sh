#!/bin/bash
# gdb where the shim takes the stock path, at once or by a restart: libraries and breakpoints are seen all the same.
. "$(dirname "$0")/system.sh"
needs gdb
lib liblate.so <<<'int late(int x) { return x + 1; }'
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
	return 0;
}
C
fast ./main <<<'late 2'
debug() {
	gdb -nx -batch -ex 'set breakpoint pending on' -ex 'set startup-with-shell off' \
		-ex "set environment LD_MATR_STORE $STORE" -ex "set environment LD_MATR_DEBUG 1" "$@" \
		-ex 'break late' -ex run -ex bt -ex 'info sharedlibrary' -ex continue ./main </dev/null >out 2>&1 || true
	has 'stock path' out
	grep -q '^#0 .*late (x=1)' out || { cat out >&2; fail "did not stop"; }
	grep -qE '^0x.* Yes .*/liblate\.so$' out || { cat out >&2; fail "liblate.so is not in the list"; }
	grep -qE '^0x.* Yes .*/libone\.so$' out || { cat out >&2; fail "libone.so is not in the list"; }
	has 'late 2' out
	has 'exited normally' out
}
debug -ex 'set environment LD_MATR_DISABLE 1'
touch libone.so
debug
