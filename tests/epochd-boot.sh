#!/bin/bash
# epochd: addresses are drawn anew after the system was started anew, and only then.
. "$(dirname "$0")/epochd.sh"
a_store
daemon
until_true state epoch
daemon_ends
daemon
until_true state epoch
[ "$(status .epoch)" = 1 ] || fail "a new epoch although nothing changed"
daemon_ends
sed -i 's/"boot_id": "./"boot_id": "X/' store/status
daemon
until_true state epoch
[ "$(status .epoch)" = 2 ] || fail "no new addresses after a boot"
grep -q 'started anew' log || fail "no word of it"
daemon_ends
rm store/status
daemon
until_true state epoch
[ "$(status .epoch)" = 3 ] || fail "an epoch of an unknown boot was kept"
EPOCH=begun
fast ./bin/main <main.expected
