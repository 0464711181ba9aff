#!/bin/bash
# epochd: an epoch at start; a change withdraws it, and when it has been quiet the next one is current.
. "$(dirname "$0")/epochd.sh"
a_store
daemon
until_true state epoch
EPOCH=begun
fast ./bin/main <main.expected
cp main bin/other
until_true no_current
until_true current
until_true state epoch
fast ./bin/other <main.expected
rm bin/other
echo text >bin/notes.txt
mkdir bin/below
until_true state epoch
before=$(status .epoch)
cp main.stock bin/below/third # in a folder that is newer than the daemon
until_true no_current
until_true state epoch
[ "$(status .epoch)" -gt "$before" ] || fail "no new epoch"
matr -q inspect bin/below/third 2>&1 | tee inspected >/dev/null
grep -q "notes.txt" log && fail "a text withdrew the epoch"
daemon_ends
[ "$STATUS" = 0 ] || { cat log >&2; fail "exit $STATUS"; }
[ "$(status .pid)" = null ] || fail "its pid is still in S/status"
current || fail "the epoch went with the daemon"
