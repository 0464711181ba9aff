#!/bin/bash
# Without any variable the store is /var/lib/matr; commands take --store, else MATR_STORE, else that.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
mkdir -p /var/lib
mount -t tmpfs -o mode=755 none /var/lib
"$MATR" -q epoch begin --all ./main
[ -e /var/lib/matr/current ] || fail "no /var/lib/matr"
EPOCH=begun
run_into out LD_MATR_REQUIRE=1 ./main
expect out <main.expected
falls no-epoch ./main <main.expected # $STORE has none
rm -rf /var/lib/matr/current
run_into out LD_MATR_DEBUG=1 ./main
has 'stock path: no-epoch' out
MATR_STORE=$FOLDER/other "$MATR" -q epoch begin --all ./main
[ -e other/current ] || fail "MATR_STORE was not obeyed"
MATR_STORE=$FOLDER/other "$MATR" --store "$FOLDER/third" -q epoch begin --all ./main
[ -e third/current ] || fail "--store was not obeyed"
umount /var/lib
