#!/bin/bash
# What resolves may read files and nothing else: no user of ours, no capabilities, few system calls, in every thread.
. "$(dirname "$0")/system.sh"
"$MATR" --store "$STORE" epoch begin --here --all --force /usr/bin/[a-m]* >/dev/null 2>&1 &
begin=$!
worker=
for _ in {1..400}; do
	worker=$(cat /proc/$begin/task/*/children 2>/dev/null | tr ' ' '\n' | head -n 1)
	[ "$(cat "/proc/${worker:-0}/comm" 2>/dev/null)" = matr-worker ] &&
		[ "$(find "/proc/$worker/task" -mindepth 1 -maxdepth 1 | wc -l)" -gt 1 ] &&
		! grep -q '^Seccomp:.*0$' "/proc/$worker"/task/*/status && break
	worker=
	sleep 0.01
done
[ -n "$worker" ] || fail "no worker was seen"
kill -STOP "$worker"
cat "/proc/$worker"/task/*/status >status
find "/proc/$worker/fd" -printf '%l\n' >files
cat "/proc/$worker/limits" >limits
kill -9 "$begin" "$worker"
wait 2>/dev/null || :
grep -E '^(NoNewPrivs|Seccomp|CapPrm|CapEff|CapAmb):' status | tr -s '\t ' ' ' | sort -u >state
expect state <<'OUT'
CapAmb: 0000000000000000
CapEff: 0000000000000000
CapPrm: 0000000000000000
NoNewPrivs: 1
Seccomp: 2
OUT
lacks "$STORE" files
has 'Max core file size        0 ' limits
has 'Max file size             0 ' limits
[ "$(id -u)" != 0 ] || lacks "$(printf 'Uid:\t0')" status
[ "$(id -u)" != 0 ] || grep -q '^Groups:[[:space:]]*$' status || fail "it has groups"
