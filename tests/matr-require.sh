#!/bin/bash
# LD_MATR_REQUIRE=1: instead of the stock path exit status 127 and the reason; nothing of the program runs.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
demand() { # REASON VARIABLE...: required, but refused
	local reason=$1 status=0
	shift
	env LD_MATR_REQUIRE=1 "$@" ./main >out 2>err || status=$?
	[ $status = 127 ] || fail "exit $status"
	expect out </dev/null
	grep -q "^matr: \./main: stock path: $reason: " err || { cat err >&2; fail "not for $reason"; }
}
demand no-epoch LD_MATR_STORE="$FOLDER/none"
demand disabled LD_MATR_STORE="$STORE" LD_MATR_DISABLE=1
demand ld-variable LD_MATR_STORE="$STORE" LD_LIBRARY_PATH=/x
demand tunable LD_MATR_STORE="$STORE" GLIBC_TUNABLES=glibc.rtld.nns=3
cp -p libtwo.so copy && mv copy libtwo.so # found out in the middle of the start
demand library-changed LD_MATR_STORE="$STORE"
