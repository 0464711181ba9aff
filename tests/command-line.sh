#!/bin/bash
# Exit codes and help: 0, 1 failed, 2 usage with the option named, 3 no; results on stdout, talk on stderr.
. "$(dirname "$0")/system.sh"
run_status 0 "$MATR" help
for c in epoch enable disable exec inspect verify time version; do has "$c" out; done
expect err </dev/null
run_status 0 "$MATR" --help
has 'epoch' out
run_status 0 "$MATR" version
grep -qE '[0-9]+\.[0-9]+' out || fail "no version"
for c in epoch enable disable exec inspect verify time; do
	run_status 0 "$MATR" help $c
	has "matr $c" out
	expect err </dev/null
done
run_status 2 "$MATR"
expect out </dev/null
run_status 2 "$MATR" nonsense
has nonsense err
run_status 2 "$MATR" --nonsense
has --nonsense err
run_status 0 matr epoch begin --all /bin/true
for c in 'enable --nonsense x' 'inspect --nonsense x' 'verify --nonsense x' 'epoch begin --nonsense' 'epoch list --nonsense'; do
	# shellcheck disable=SC2086 # several words
	run_status 2 "$MATR" --store "$STORE" $c
	has --nonsense err
	expect out </dev/null
done
run_status 2 matr epoch
run_status 2 matr epoch nonsense
run_status 2 matr enable
run_status 2 matr inspect
run_status 2 "$MATR" --store
