#!/bin/bash
# Hidden DT_NEEDED entries change neither closure nor order, in 20,000 random closures.
. "$(dirname "$0")/system.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -D_GNU_SOURCE \
	-o "$FOLDER/unit_needs" tests/unit_needs.c epochd/needs.c common/arena.c image/hash.c
"$FOLDER/unit_needs" || fail "see above"
