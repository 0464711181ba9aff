#!/bin/bash
# matr epoch packages begin|end, with the daemon and without: never fails, and leaves a valid state.
. "$(dirname "$0")/epochd.sh"
run_status 0 matr epoch packages begin # there is no store
run_status 0 matr epoch packages end
[ ! -e "$STORE" ] || fail "a hook made a store"
a_store
run_status 0 matr epoch packages end
no_current || fail "an epoch in a store that never had one"
run_status 0 matr epoch begin
run_status 0 matr epoch packages begin
no_current || fail "current is still there"
cp main bin/other
run_status 0 matr epoch packages end
EPOCH=begun
fast ./bin/other <main.expected
for n in 1 2 3 4 5 6 7 8; do
	run_status 0 matr epoch packages begin
	cp main bin/other.$n
	run_status 0 matr epoch packages end
done
# 3 are kept, and 4 more where a process cannot be looked at
[ "$(find "$STORE/epochs" -mindepth 1 -maxdepth 1 | wc -l)" -le 7 ] || fail "old epochs stay"
run_status 2 matr epoch packages sometimes
daemon --debounce 60000
until_true state epoch
run_status 0 matr epoch packages begin
no_current || fail "current is still there"
state management || fail "$(status .state)"
cp main bin/third
run_status 0 matr epoch packages end
until_true state epoch
fast ./bin/third <main.expected
daemon_ends KILL
run_status 0 matr epoch packages begin # its socket is still there
no_current || fail "current is still there"
run_status 0 matr epoch packages end
fast ./bin/third <main.expected
