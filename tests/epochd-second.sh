#!/bin/bash
# epochd: a second one for the same store refuses and names the first; one for another store does not mind.
. "$(dirname "$0")/epochd.sh"
a_store
daemon
run_status 1 "$EPOCHD" --store "$STORE"
has "process $DAEMON" err
run_status 1 "$EPOCHD" --store "$FOLDER/./store/"
has "process $DAEMON" err
run_status 2 "$EPOCHD" --nonsense
run_status 2 "$EPOCHD" --store "$STORE" nonsense
run_status 2 "$EPOCHD" --store "$STORE" --debounce soon
run_status 0 "$EPOCHD" --help
until_true state epoch
first=$DAEMON
mkdir other
matr --store other epoch roots add bin
STORE=$FOLDER/other daemon
STORE=$FOLDER/other until_true state epoch
kill -9 $first
wait $first || true
second=$DAEMON
daemon # the lock went with the first
until_true state epoch
kill $second
mkdir -m 777 open
run_status 1 "$EPOCHD" --store open
has 'others may write' err
