#!/bin/bash
# Without /proc the fast path works all the same.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
fast ./main <main.expected
mount -t tmpfs none /proc
[ ! -e /proc/self ] || fail "there is a /proc"
fast ./main <main.expected
falls ld-variable LD_ANYTHING=1 ./main <main.expected
