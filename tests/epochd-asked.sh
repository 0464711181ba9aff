#!/bin/bash
# matr epoch begin, end, status go to the daemon: output, JSON and exit status come to who asked.
. "$(dirname "$0")/epochd.sh"
a_store
daemon
until_true state epoch
run_status 0 matr epoch status
has "process $DAEMON: epoch" out
run_status 0 matr epoch begin --force --note 'a note'
has 'a note' <(matr epoch list) 
has 'programs     1, 1 eligible' out
run_status 0 matr --json epoch begin --force
jq -e '.schema == 1 and .programs == 1' out >/dev/null || { cat out >&2; fail "no JSON"; }
[ "$(grep -c 'building: matr epoch begin' log)" = 2 ] || { cat log >&2; fail "the daemon was not asked"; }
(cd bin && run_status 0 "$MATR" --store ../store epoch begin --force ./main)
run_status 1 matr epoch begin --force ./nothing
has nothing err
until_true state epoch # what was there before is still right
run_status 2 matr epoch begin --nonsense
run_status 0 matr epoch end
no_current || fail "current is still there"
state management || fail "not management"
cp main bin/other # who ended it by hand wants none
run_status 3 matr epoch status
has "process $DAEMON: management" out
run_status 0 matr epoch begin
state epoch || fail "not epoch"
until_true matr -q epoch begin --here --force # the removal of old epochs may have the lock
until_true eval '[ "$(status .epoch)" = "$(basename "$(readlink store/current)")" ]'
daemon_ends
run_status 0 matr epoch status
has 'does not run' out
