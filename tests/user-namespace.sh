#!/bin/bash
# In a user namespace root's store is foreign; the user's own store works there.
. "$(dirname "$0")/system.sh"
needs_root
[ -n "${STOCK-}" ] || as_user test -x "$BUILD/matr" || skip "$BUILD is not open to other users"
public_shim
fixture
ordinary=(setpriv --reuid=1234 --regid=1234 --clear-groups)
"${ordinary[@]}" unshare -U true 2>/dev/null || skip "no user namespaces for ordinary users"
fast ./main <main.expected
fast "${ordinary[@]}" ./main <main.expected
# Nobody is mapped in there: root looks like the overflow user.
falls store-untrusted "${ordinary[@]}" unshare -U ./main <main.expected
mkdir -m 700 own
chown 1234:1234 own
STORE=$FOLDER/own
[ -n "${STOCK-}" ] || "${ordinary[@]}" "$BUILD/matr" --store "$STORE" -q epoch begin --all ./main
fast "${ordinary[@]}" ./main <main.expected
fast "${ordinary[@]}" unshare -U -c ./main <main.expected
