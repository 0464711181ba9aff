#!/bin/bash
# A user who builds an image without being root seals it too: the store is for everyone, once its files are root's.
. "$(dirname "$0")/portable.sh"
needs_root
needs setpriv tar
public_shim
small_root root
chown -R 65534 root
as_user "$MATR" -q epoch begin --all --root root "$FOLDER/main"
[ "$(stat -c %u:%a root/var/lib/matr)" = 65534:755 ] || fail "the store's mode"
mkdir image
tar -C root --owner=0 --group=0 -cf - . | tar -C image -xf -
inside image "$FOLDER/main" <main.expected
chown 65534 image/var/lib/matr/epochs/1
falls_inside store-untrusted image "$FOLDER/main" <main.expected
