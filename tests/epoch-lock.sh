#!/bin/bash
# Two epochs at once: one waits or is told so; none is damaged. Readers are never blocked.
. "$(dirname "$0")/system.sh"
fixture
epoch
for _ in 1 2 3 4; do
	matr -q epoch begin --all --force ./main >one 2>&1 &
	a=$!
	matr -q epoch begin --all --force ./main >two 2>&1 &
	b=$!
	LD_MATR_STORE=$STORE ./main >out || fail "a program did not start meanwhile"
	expect out <main.expected
	matr inspect --summary ./main >summary || fail "inspect did not work meanwhile"
	failed=0
	wait $a || failed=$((failed + 1))
	wait $b || failed=$((failed + 1))
	[ $failed -lt 2 ] || { cat one two >&2; fail "both failed"; }
	[ $failed = 0 ] || grep -qiE 'lock|another|busy|running' one two || { cat one two >&2; fail "no clear word"; }
done
fast ./main <main.expected
