#!/bin/bash
# There is no installed ld.so at all: a clear word and status 127, no crash.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
fast ./main <main.expected
busybox=$(command -v busybox) && "$busybox" true || skip "no busybox"
! readelf -l "$busybox" | grep -q INTERP || skip "busybox is not static"
mkdir empty
loader=$(readlink -f /lib64/ld-linux-x86-64.so.2)
cat >probe <<E
mount --bind $FOLDER/nothing $loader
LD_MATR_DEBUG=1 LD_MATR_STORE=$STORE ./main; echo "exit \$?"
umount -l $loader
E
touch nothing
"$busybox" sh probe >out 2>&1
[ -n "${STOCK-}" ] || { has 'stock path: ' out; has 'exit 127' out; }
fast ./main <main.expected
