#!/bin/bash
# An image for another level of the processor: the stock path.
. "$(dirname "$0")/system.sh"
tool patch
fixture
fast ./main <main.expected
image=$(the_image)
chmod u+w "$image"
# Offsets of flags and cpu_level in the header, as format.h asserts them.
flags=$(./patch -i "$image" 64 4 +0)
./patch -i "$image" 64 4 $((flags | 2)) >/dev/null
fast ./main <main.expected
level=$(./patch -i "$image" 68 4 9)
[ "$level" -ge 1 ] && [ "$level" -le 4 ] || fail "level $level"
falls cpu-changed ./main <main.expected
