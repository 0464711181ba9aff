#!/bin/bash
# epochd: a file system that is mounted below a root, or goes, is a change, and what happens in it is seen.
. "$(dirname "$0")/epochd.sh"
private_mounts
a_store
mkdir bin/mnt elsewhere
has_moved() { [ "$(status .since)" != "$before" ]; }
for how in '' --inotify; do
	daemon $how
	until_true state epoch
	mount -t tmpfs none elsewhere # none of its business
	mount -t tmpfs none bin/mnt
	until_true grep -q 'changed: a file system was mounted' log
	until_true state epoch
	until_true no_children
	cp main bin/mnt
	until_true grep -qF "changed: $FOLDER/bin/mnt/main" log
	until_true state epoch
	EPOCH=begun
	fast ./bin/mnt/main <main.expected
	before=$(status .since)
	cp main elsewhere/other
	umount elsewhere
	umount bin/mnt
	until_true has_moved
	until_true state epoch
	daemon_ends
	[ "$(grep -c 'a file system' log)" = 2 ] || fail "$(grep 'a file system' log)"
	rm log
done
