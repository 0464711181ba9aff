#!/bin/bash
# The workers are killed while they resolve: every program gets its image all the same.
. "$(dirname "$0")/system.sh"
fixture
"$MATR" --store "$STORE" epoch begin --here --all --force . /usr/bin/g* >out 2>err &
begin=$!
worker=
for _ in {1..400}; do
	worker=$(cat /proc/$begin/task/*/children 2>/dev/null | tr ' ' '\n' | head -n 1)
	[ "$(cat "/proc/${worker:-0}/comm" 2>/dev/null)" != matr-worker ] || break
	worker=
	sleep 0.01
done
[ -n "$worker" ] || fail "no worker was seen"
kill -9 "$worker"
wait "$begin" || { cat err >&2; fail "the epoch failed"; }
lacks worker-died out
lacks note: err
EPOCH=begun
fast ./main <main.expected
