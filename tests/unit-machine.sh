#!/bin/bash
# The daemon's table: every cell is named, what cannot be reached says so, and what must hold in a state holds.
. "$(dirname "$0")/system.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -D_GNU_SOURCE \
	-o "$FOLDER/unit_machine" tests/unit_machine.c epochd/machine.c
"$FOLDER/unit_machine" || fail "see above"
