#!/bin/bash
# The table of 64-bit keys: what was put in is found, before and after it has grown; nothing else is.
. "$(dirname "$0")/lib.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -D_GNU_SOURCE \
	-o "$FOLDER/unit_map" tests/unit_map.c common/map.c common/arena.c
"$FOLDER/unit_map" | tee "$FOLDER/out"
tail -n 1 "$FOLDER/out" | grep -qE '^[0-9]{5,} passed, 0 failed$' || fail "see above"
