#!/bin/bash
# An answer that was cut or changed is refused, or still binds each symbol to one of its name.
. "$(dirname "$0")/system.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -D_GNU_SOURCE \
	-pthread -o "$FOLDER/unit_wire" tests/unit_wire.c epochd/wire.c matr-ld/[!m]*.c matr-ld/mmap_plan.c \
	image/*.c common/*.c -lelf -lxxhash -lcapstone -ljansson
"$FOLDER/unit_wire" "$BUILD/matr" || fail "see above"
