#!/bin/bash
# LD_BIND_NOW takes the stock path where calls must stay lazy; without it they do stay lazy.
. "$(dirname "$0")/system.sh"
lib libcall.so <<'C'
extern void later(void);
void call(void) { later(); }
C
prog main libcall.so -Wl,--unresolved-symbols=ignore-all <<'C'
#include <stdio.h>
int main(void) { puts("started"); return 0; }
C
fast ./main <<<'started'
run_into now.out LD_BIND_NOW=1 ./main.stock
sed -i "s|\./main\.stock|./main|" now.out
has 'undefined symbol: later' now.out
has 'exit 127' now.out
falls bind-now LD_BIND_NOW=1 ./main <now.out
falls bind-now LD_BIND_NOW=anything ./main <now.out
