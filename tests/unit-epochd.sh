#!/bin/bash
# The daemon's pure parts: which names matter, what is on the wire (cut, and with bytes changed), status as JSON.
. "$(dirname "$0")/system.sh"
needs jq
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -D_GNU_SOURCE \
	-o "$FOLDER/unit_epochd" tests/unit_epochd.c epochd/relevant.c epochd/control.c epochd/status.c \
	common/arena.c common/buf.c common/err.c common/file.c -pthread
"$FOLDER/unit_epochd" >"$FOLDER/status" || fail "see above"
jq -e '.schema == 1 and .why == "a \"quoted\" \\ wo?d" and .epoch == null and .last.result == null' "$FOLDER/status" >/dev/null ||
	fail "$(cat "$FOLDER/status")"
