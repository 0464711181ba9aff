#!/bin/bash
# Tables in the catalogue: packed and as differences they come back byte by byte; damaged ones are refused.
. "$(dirname "$0")/lib.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -D_GNU_SOURCE -pthread \
	-o "$FOLDER/unit_pack" tests/unit_pack.c tests/made_up.c cache/*.c common/*.c image/reason.c -llmdb -lxxhash
"$FOLDER/unit_pack" | tee "$FOLDER/out"
tail -n 1 "$FOLDER/out" | grep -qE '^[0-9]{3,} passed, 0 failed$' || fail "see above"
