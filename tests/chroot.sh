#!/bin/bash
# Inside a chroot: without a store the stock path; with an epoch made for that root, the fast one.
. "$(dirname "$0")/system.sh"
needs_root
public_shim
fixture
root=$FOLDER/root
copy() { local f; for f; do mkdir -p "$root$(dirname "$f")"; cp -Lp "$f" "$root$f"; done; }
copy "$FOLDER/main" "$SHIM" "$FOLDER"/lib{one,two}.so /lib64/ld-linux-x86-64.so.2
copy "$(ldd main.stock | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')"
run_into out chroot "$root" "$FOLDER/main"
[ -n "${STOCK-}" ] || expect out <main.expected
fast ./main <main.expected
falls no-epoch chroot "$root" "$FOLDER/main" <main.expected
mkdir -p "$root$STORE"
"$MATR" --store "$root$STORE" -q epoch begin --root "$root" --all "$FOLDER/main"
fast chroot "$root" "$FOLDER/main" <main.expected
