#!/bin/bash
# A portable image goes by size, mtime in seconds and build-id, of libraries and of the loader.
. "$(dirname "$0")/portable.sh"
needs_root
needs readelf
public_shim
small_root root
seal root
one=root$FOLDER/libone.so loader=root/lib64/ld-linux-x86-64.so.2
inside root "$FOLDER/main" <main.expected
# The fraction of a second, inode and ctime do not count.
cp -p "$one" other && touch -d "@$(stat -c %Y "$one").123456789" other && mv other "$one"
inside root "$FOLDER/main" <main.expected
cp -p "$one" whole
touch -d "@$(($(stat -c %Y "$one") + 1))" "$one"
falls_inside library-changed root "$FOLDER/main" <main.expected
cp -p whole "$one"
inside root "$FOLDER/main" <main.expected
change_build_id() {
	local at
	at=$(readelf -SW "$1" | sed -n 's/.*note\.gnu\.build-id *NOTE *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')
	same_time "$1" poke "$1" $((0x$at + 20)) '\x5a\xa5'
}
change_build_id "$one"
falls_inside library-changed root "$FOLDER/main" <main.expected
cp -p whole "$one"
inside root "$FOLDER/main" <main.expected
change_build_id "$loader"
falls_inside loader-changed root "$FOLDER/main" <main.expected
