#!/bin/bash
# epoch begin, status, list, end, rollback: `current` is the switch, old epochs can come back.
. "$(dirname "$0")/system.sh"
needs jq
fixture
begin() { run_status 0 matr epoch begin --all ./main; }
number() { basename "$(readlink "$STORE/current")"; }
run_status 3 matr epoch status
begin
[ "$(number)" = 1 ] || fail "epoch $(number)"
run_status 0 matr epoch status
has 1 out
run_status 0 matr epoch status --json
jq -e '.schema == 1' out >/dev/null || { cat out >&2; fail "no JSON"; }
touch libone.so
begin
[ "$(number)" = 2 ] || fail "epoch $(number)"
EPOCH=begun
fast ./main <main.expected
run_status 0 matr epoch list --json
jq -e '[.epochs[].epoch] | sort == [1, 2]' out >/dev/null || { cat out >&2; fail "not epochs 1 and 2"; }
run_status 0 matr epoch end
[ ! -e "$STORE/current" ] || fail "current is still there"
falls no-epoch ./main <main.expected
run_status 3 matr epoch status
run_status 0 matr epoch rollback 2
fast ./main <main.expected
run_status 0 matr epoch rollback 1 # its libone.so is not today's
[ "$(number)" = 1 ] || fail "epoch $(number)"
falls library-changed ./main <main.expected
run_status 1 matr epoch rollback 77
has 77 err
[ "$(number)" = 1 ] || fail "a failed rollback has changed current"
begin
[ "$(number)" = 3 ] || fail "epoch $(number)"
fast ./main <main.expected
