#!/bin/bash
# Another libc at the same path, the last library mapped: a restart with the right result.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
fast ./main <main.expected
libc=$(ldd main.stock | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')
cp -p "$libc" libc.copy
mount --bind libc.copy "$libc"
falls library-changed ./main <main.expected
epoch
fast ./main <main.expected
