#!/bin/bash
# A user's own store needs no root: private, takes what the user can read, and root does not trust it.
. "$(dirname "$0")/system.sh"
needs_root
[ -n "${STOCK-}" ] || as_user test -x "$BUILD/matr" || skip "$BUILD is not open to other users"
public_shim
fixture
chmod 0600 libtwo.so
chown 1234 libtwo.so
ordinary=(setpriv --reuid=1234 --regid=1234 --clear-groups)
mkdir -m 777 mine
STORE=$FOLDER/mine/store
[ -n "${STOCK-}" ] || "${ordinary[@]}" "$BUILD/matr" --store "$STORE" -q epoch begin --all ./main
EPOCH=begun
fast "${ordinary[@]}" ./main <main.expected
falls store-untrusted ./main <main.expected
[ -n "${STOCK-}" ] && exit
[ "$(stat -c %a "$STORE")" = 700 ] || fail "mode $(stat -c %a "$STORE")"
find "$STORE" -type f -perm /077 >open
expect open </dev/null
