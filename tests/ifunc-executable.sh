#!/bin/bash
# An IFUNC of the program, called by the program and lazily by a library.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,undefs <<'E'
int f(void);
int other(void) { return f(); }
E
for p in no-pie pie; do
	prog $p -$p -rdynamic liba.so <<'E'
#include <stdio.h>
int other(void);
static int chosen(void) { return 7; }
static void *pick(void) { return chosen; }
int f(void) __attribute__((ifunc("pick")));
int (*pointer)(void) = f;
int main(void) { printf("%d %d %d\n", f(), pointer(), other()); return 0; }
E
done
both ./no-pie <<<'7 7 7'
WAYS=lazy both ./pie <<<'7 7 7'
# BIND_NOW is an error of stock's, circular; the slot is left lazy: the stock path tells it.
LD_BIND_NOW=1 stock_only bind-now ./pie <<E
./pie: IFUNC symbol 'f' referenced in '$FOLDER/liba.so' is defined in the executable and creates an unsatisfiable circular dependency.
exit 127
E
