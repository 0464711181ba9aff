#!/bin/bash
# /etc/ld.so.preload appears, changes and goes: the stock path at once; an epoch made with it has it.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
[ ! -e /etc/ld.so.preload ] || skip "this system has an ld.so.preload"
RPATH='' lib libpre.so <<<'int one(void) { return 7; }'
cp -a /etc etc
mount --bind etc /etc
epoch
fast ./main <main.expected
echo "$FOLDER/libpre.so" >/etc/ld.so.preload
printf 'one 7\ntwo 14\ncalls 0\n' >pre.expected
falls preload-changed ./main <pre.expected
epoch
fast ./main <pre.expected
echo >>/etc/ld.so.preload
falls preload-changed ./main <pre.expected
rm /etc/ld.so.preload
falls preload-changed ./main <main.expected
