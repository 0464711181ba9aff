#!/bin/bash
# Which cpuid instructions of a loader are redirected, which are left, and what the new code does.
. "$(dirname "$0")/system.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -Itests -D_GNU_SOURCE \
	-o "$FOLDER/unit_code_sites" tests/unit_code_sites.c epochd/code_sites.c common/arena.c -lcapstone
"$FOLDER/unit_code_sites" | tee "$FOLDER/out"
tail -n 1 "$FOLDER/out" | grep -qE '^[0-9]{2,} passed, 0 failed$' || fail "see above"
