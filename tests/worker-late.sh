#!/bin/bash
# A worker that does not answer in time costs its program; the next question has a new one.
. "$(dirname "$0")/system.sh"
cd "$TOP"
gcc -std=gnu11 -g -O1 -Wall -Wextra -I. -D_GNU_SOURCE -pthread -o "$FOLDER/unit_worker" tests/unit_worker.c \
	epochd/worker*.c epochd/wire.c epochd/sandbox.c epochd/parallel.c matr-ld/[!m]*.c matr-ld/mmap_plan.c \
	image/*.c common/*.c -lelf -lxxhash -lcapstone -ljansson -lseccomp
"$FOLDER/unit_worker" /bin/ls /bin/cat || fail "see above"
