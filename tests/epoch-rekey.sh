#!/bin/bash
# epoch begin --rekey: every library gets a new address, also where nothing has changed, and nothing is resolved anew.
. "$(dirname "$0")/system.sh"
needs jq
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("%p\n", (void *)one); return one() - 1; }
C
begin() { run_status 0 matr --json epoch begin --all --layout epoch "$@" ./main; jq -r '"\(.epoch) \(.resolved) \(.unchanged)"' out >begun; }
begin
expect begun <<<'1 1 false'
for n in 2 3 4 5; do
	for _ in 1 2; do LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE ./main >>addresses; done
	begin --rekey
	expect begun <<<"$n 0 false"
done
begin
expect begun <<<'5 0 true'
[ "$(wc -l <addresses)" = 8 ] || fail "not eight"
[ "$(sort -u addresses | wc -l)" = 4 ] || { cat addresses >&2; fail "not one address per epoch"; }
while read -r a; do
	[ $((a)) -ge $((0x100100000000)) ] && [ $((a)) -lt $((0x2a0000000000)) ] || fail "$a is out of range"
done <addresses
