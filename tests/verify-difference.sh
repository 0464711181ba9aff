#!/bin/bash
# matr verify finds a planted difference: names object and word, exit 1.
. "$(dirname "$0")/system.sh"
MATR_TEST_LAYOUT=epoch
needs gdb
tool patch
lib libone.so <<<'int data[2] = { 7, 8 }, *pointer = data; int one(void) { return *pointer; }'
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast ./main <<<'one 7'
run_status 0 matr verify ./main
LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE gdb -nx -batch -ex 'break main' -ex 'set startup-with-shell off' -ex run \
	-ex 'printf "%lx %lx\n", &data, pointer' ./main >where 2>/dev/null </dev/null || true
address=$(sed -n 's/^\([0-9a-f]*\) \1$/0x\1/p' where)
[ -n "$address" ] || { cat where >&2; skip "gdb does not tell the address"; }
pages=$(readlink -f "$STORE/current/pages")
chmod u+w "$pages"
needle=$(printf '%016x' "$address" | sed 's/../&\n/g' | tac | tr -d '\n')
at=$(od -An -v -tx1 "$pages" | tr -d " \n" | grep -abo "$needle" | sed 's/:.*//' | while read -r o; do [ $((o % 16)) = 0 ] && echo $((o / 2)); done | head -n 1)
[ -n "$at" ] || fail "the pointer is not in the pages"
./patch "$pages" "$at" 8 +4 >/dev/null
fast ./main <<<'one 8' # that is what damage to the pages does
run_status 1 matr verify ./main
has libone.so out
has data out
