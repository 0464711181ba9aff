#!/bin/bash
# Many starts at once, while epochs come and go: every one gives the right output.
. "$(dirname "$0")/system.sh"
fixture
epoch
export LD_MATR_STORE=$STORE
starts() { # N FILE: so many, one after the other
	for _ in $(seq "$1"); do ./main >"$2" 2>&1 || { echo "status $?" >>"$2"; return 1; }; cmp -s "$2" main.expected || return 1; done
}
starts 150 out.a &
a=$!
starts 150 out.b &
b=$!
for _ in 1 2 3 4 5 6; do
	touch libtwo.so
	matr -q epoch begin --all ./main
	matr -q epoch end
	matr -q epoch begin --all ./main
	matr -q epoch gc --keep 1
done
wait $a || { cat out.a >&2; fail "a start went wrong"; }
wait $b || { cat out.b >&2; fail "a start went wrong"; }
EPOCH=begun
fast ./main <main.expected
