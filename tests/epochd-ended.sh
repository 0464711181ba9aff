#!/bin/bash
# Ended by hand, it stays so where a `begin` fails; with an epoch that is kept, or none for other reasons, nothing changes.
. "$(dirname "$0")/epochd.sh"
a_store
daemon
until_true state epoch
run_status 0 matr epoch end
run_status 1 matr epoch begin --force ./nothing
until_true no_children
state management || fail "$(status .state): $(status .why)"
[ "$(status .why)" = 'ended by hand' ] || fail "$(status .why)"
no_current || fail "current"
run_status 0 matr epoch begin
run_status 1 matr epoch begin --force ./nothing
until_true state epoch
