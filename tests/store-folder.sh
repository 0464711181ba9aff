#!/bin/bash
# A new store is made in an empty folder, or where nothing but MatR's own files are; never among other files.
. "$(dirname "$0")/system.sh"
[ -z "${STOCK-}" ] || skip "there is no matr"
needs jq
fixture
mkdir -m 755 full
echo text >full/file
for action in "epoch begin --all ./main" "epoch roots add $FOLDER" "epoch import layout"; do
	# shellcheck disable=SC2086 # words
	run_status 1 "$MATR" --store full $action
	has "holds other files ('file')" err
	[ "$(ls -A full)" = file ] || fail "'$action' left something: $(ls -A full)"
done
mkdir -m 755 own own/lost+found empty
echo 'layout off /usr/bin/none' >own/matr.conf
touch own/enabled own/epochd.lock own/status.tmp own/lock
for store in own empty missing; do
	run_status 0 "$MATR" --store "$store" epoch begin --all ./main
	[ -e "$store/current" ] || fail "no epoch in '$store'"
done
echo text >own/file # beside a store that is one, anything may lie
touch libone.so
run_status 0 "$MATR" --store own epoch begin --all ./main
jq -e '.epoch == 2' <("$MATR" --store own --json epoch status) >/dev/null || fail "no second epoch"
