#!/bin/bash
# The installed ld.so is not the one that was prepared: the stock path, with the new one.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
fast ./main <main.expected
loader=$(readlink -f /lib64/ld-linux-x86-64.so.2)
cp -p "$loader" loader.copy
mount --bind loader.copy "$loader"
falls loader-changed ./main <main.expected
epoch
fast ./main <main.expected
umount -l "$loader"
falls loader-changed ./main <main.expected
