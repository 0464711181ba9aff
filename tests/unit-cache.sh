#!/bin/bash
# The store: round trips, damaged records and files, kill -9 at any time, a full disk, other users.
. "$(dirname "$0")/lib.sh"
unit=$BUILD/tests/unit_cache
if [ ! -x "$unit" ]; then
	unit=$FOLDER/unit_cache
	(cd "$TOP" && gcc -std=gnu11 -g -O1 -D_GNU_SOURCE -I. -pthread -o "$unit" tests/unit_cache*.c \
		tests/made_up.c cache/*.c common/*.c image/reason.c -llmdb -lxxhash)
fi
run() {
	"$@" | tee out
	tail -n 1 out | grep -qE '^[0-9]+ passed, 0 failed$' || fail "see above: $*"
}
mkdir -m 755 work small
run "$unit" "$FOLDER/work"
if [ "$(id -u)" = 0 ]; then
	needs setpriv
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$unit" --read "$FOLDER/work"
fi
export unit FOLDER
# shellcheck disable=SC2016 # the inner shell expands them
if unshare -rm true 2>/dev/null; then # not in a chroot
	run unshare -rm sh -ec 'mount -t tmpfs -o size=24m,mode=755 tmpfs "$FOLDER/small"
		"$unit" --small "$FOLDER/small"'
fi
