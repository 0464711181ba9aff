#!/bin/bash
# epoch gc keeps the newest epochs and the current one, and loses neither bytes of a running program nor its start.
. "$(dirname "$0")/system.sh"
private_processes
fixture
folders() { (cd "$STORE/epochs" && find . -mindepth 1 -maxdepth 1 | sort -V | tr -d './\n'); }
for _ in 1 2 3 4 5; do
	touch libtwo.so
	epoch ./main
done
run_status 0 matr epoch gc --keep 5
[ "$(folders)" = 12345 ] || fail "kept $(folders) of 5"
run_status 0 matr epoch gc --keep 2
[ "$(folders)" = 45 ] || fail "kept $(folders) of 2"
fast ./main <main.expected
run_status 0 matr epoch rollback 4
run_status 0 matr epoch gc --keep 1
case $(folders) in 45 | 4) ;; *) fail "kept $(folders): the current one is 4" ;; esac
[ -e "$STORE/current/pages" ] || fail "current has gone"
run_status 0 matr epoch rollback 4
epoch ./main
fast ./main <main.expected
run_status 0 matr epoch gc --keep 1
fast ./main <main.expected
run_status 2 matr epoch gc --keep x
