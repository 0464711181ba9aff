#!/bin/bash
# An import that is killed anywhere leaves the current epoch, and the next epoch or import goes on as if it had not been.
. "$(dirname "$0")/export.sh"
needs strace
fixture
fast ./main <main.expected
run_status 0 matr epoch export layout
import_into other layout
before=$(readlink other/current)
for call in pwrite64 fdatasync fsync rename mkdirat; do
	for n in 1 2 3; do
		{ strace -f -qq -o trace -e trace=$call -e "inject=$call:signal=KILL:when=$n" \
			"$MATR" --store other epoch import --all layout >out 2>err; } 2>/dev/null || true
		grep -q SIGKILL trace || continue
		STORE=$FOLDER/other
		[ -e "other/$(readlink other/current)" ] || fail "$call $n: current names nothing"
		fast ./main <main.expected
		run_status 0 matr --json epoch begin --all ./main
		[ "$(jq .resolved out)" = 0 ] || { cat out; fail "$call $n: the next epoch resolved something"; }
		killed=$((${killed:-0} + 1))
	done
done
[ "${killed:-0}" -ge 6 ] || fail "killed only ${killed:-0} times"
import_into other layout
[ "$(readlink other/current)" != "$before" ] || fail "no import came through"
fast ./main <main.expected
run_status 0 matr --json epoch list
lacks "being imported" out
