#!/bin/bash
# matr exec and matr verify in a chroot whose root folder is no mount point; nothing of it is seen outside.
. "$(dirname "$0")/system.sh"
private_mounts
[ -z "${STOCK-}" ] || skip "there is no matr"
public_shim
fixture
cp "$MATR" matr
root=$FOLDER/root
copy() { local f; for f; do mkdir -p "$root$(dirname "$f")"; cp -Lp "$f" "$root$f"; done; }
copy "$FOLDER"/{matr,main.stock} "$SHIM" /usr/bin/env /lib64/ld-linux-x86-64.so.2
mapfile -t needed < <(ldd matr main.stock /usr/bin/env | sed -n 's/.* => \(\/[^ ]*\).*/\1/p' | sort -u)
copy "${needed[@]}"
mkdir "$root/proc" "$root/dev"
touch "$root/dev/null"
mount -t proc proc "$root/proc"
mount --bind /dev/null "$root/dev/null"
inside() { chroot "$root" env "$@"; }

inside "$FOLDER/matr" --store /store -q epoch begin --all "$FOLDER/main.stock"
cat /proc/self/mounts >before
run_status 0 inside LD_MATR_REQUIRE=1 "$FOLDER/matr" --store /store exec "$FOLDER/main.stock"
expect out <main.expected
run_status 0 inside "$FOLDER/matr" --store /store verify "$FOLDER/main.stock"
has "no difference in" out
cat /proc/self/mounts >after
same mounts before after
