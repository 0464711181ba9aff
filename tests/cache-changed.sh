#!/bin/bash
# ld.so.cache has changed since the epoch, even to the same content: the stock path.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
[ -f /etc/ld.so.cache ] || skip "no ld.so.cache"
fast ./main <main.expected
cp /etc/ld.so.cache cache
mount --bind cache /etc/ld.so.cache
falls cache-changed ./main <main.expected
epoch
fast ./main <main.expected
umount /etc/ld.so.cache
falls cache-changed ./main <main.expected
