#!/bin/bash
# No space for a new epoch: a clear word, status 1, and the old epoch stays as it is; with space again all is well.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
mkdir "$STORE"
mount -t tmpfs -o size=8m,mode=755 none "$STORE"
fast ./main <main.expected
before=$(readlink "$STORE/current")
refused=0
for keep in 0 4 64 256 600; do # KiB that are left
	free=$(df -k --output=avail "$STORE" | tail -n 1)
	[ "$free" -gt $keep ] || continue
	dd if=/dev/zero of="$STORE/filler" bs=1k count=$((free - keep)) status=none
	touch libtwo.so
	if ! matr -q epoch begin --all --force ./main >out 2>err; then
		grep -qi 'no space left' err || { cat err >&2; fail "$keep KiB: no clear word"; }
		refused=$((refused + 1))
		[ "$(readlink "$STORE/current")" = "$before" ] || fail "$keep KiB: current has changed"
		falls library-changed ./main <main.expected
	fi
	rm "$STORE/filler"
	run_status 0 matr -q epoch begin --all --force ./main
	fast ./main <main.expected
	before=$(readlink "$STORE/current")
done
[ $refused -gt 1 ] || fail "the disk was never full"
