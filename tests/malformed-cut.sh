#!/bin/bash
# matr-ld reads files cut at any length, and libraries cut at any length, without a crash.
. "$(dirname "$0")/system.sh"
fixture
sane() { # the tool ended by itself, and said something where it failed
	local status=0
	timeout 20 "$BUILD/matr-ld" "$@" >out 2>err </dev/null || status=$?
	case $status in 0) ;; 1) [ -s err ] || fail "no word: $*" ;; *) cat err >&2; fail "exit $status: $*" ;; esac
}
size=$(stat -c %s main.stock)
for n in $(seq 0 4 80) $(seq 88 56 1200) $(seq 1200 911 "$size") $((size - 1)); do
	head -c "$n" main.stock >cut
	sane ./cut
done
size=$(stat -c %s libtwo.so)
cp libtwo.so whole
for n in $(seq 0 8 80) $(seq 88 56 1000) $(seq 1000 797 "$size") $((size - 1)); do
	head -c "$n" whole >libtwo.so
	sane ./main
done
cp whole libtwo.so
sane ./main
has one_calls out
