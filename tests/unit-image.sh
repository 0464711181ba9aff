#!/bin/bash
# The pure parts of image/: the reader's table of wrong images, keys, hash, materialise.
. "$(dirname "$0")/system.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -Itests \
	-o "$FOLDER/unit_image" tests/unit_image.c image/*.c
"$FOLDER/unit_image" | tee "$FOLDER/out"
tail -n 1 "$FOLDER/out" | grep -qE '^[0-9]{3,} passed, 0 failed$' || fail "see above"
