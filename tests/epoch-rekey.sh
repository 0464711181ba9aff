#!/bin/bash
# An epoch that is made anew draws new addresses for its libraries.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("%p\n", (void *)one); return one() - 1; }
C
for _ in 1 2 3 4; do
	run_status 0 matr epoch begin --all --force ./main
	EPOCH=begun
	LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE ./main >>addresses
	LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE ./main >>addresses
done
[ "$(wc -l <addresses)" = 8 ] || fail "not eight"
[ "$(sort -u addresses | wc -l)" = 4 ] || { cat addresses >&2; fail "not one address per epoch"; }
while read -r a; do
	[ $((a)) -ge $((0x100100000000)) ] && [ $((a)) -lt $((0x2a0000000000)) ] || fail "$a is out of range"
done <addresses
