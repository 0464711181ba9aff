#!/bin/bash
# An epoch that a running program maps is not collected.
. "$(dirname "$0")/system.sh"
private_processes
lib libone.so <<<'int n = 4; int *p = &n; int one(void) { return *p; }'
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { puts("ready"); fflush(stdout); getchar(); printf("one %d\n", one()); return 0; }
C
epoch
mkfifo in out.fifo
LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE ./main <in >out.fifo &
pid=$!
exec 4>in 5<out.fifo
read -r line <&5
[ "$line" = ready ] || fail "said $line"
for _ in 1 2 3; do touch libone.so; epoch; done
run_status 0 matr epoch gc --keep 1
[ -e "$STORE/epochs/1/pages" ] || fail "epoch 1 has gone under a running program"
[ ! -e "$STORE/epochs/2" ] || fail "epoch 2 is still there"
echo >&4
read -r line <&5
[ "$line" = 'one 4' ] || fail "said $line"
exec 4>&- 5<&-
wait $pid
run_status 0 matr epoch gc --keep 1
[ ! -e "$STORE/epochs/1" ] || fail "epoch 1 is still there"
