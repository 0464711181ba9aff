#!/bin/bash
# make install (of what is built) puts everything below DESTDIR, what it puts there works, and make uninstall takes it away.
. "$(dirname "$0")/lib.sh"
needs make
make -C "$TOP" -s --no-print-directory -o all BUILD="$BUILD" DESTDIR="$FOLDER/root" PREFIX=/usr install >make.out 2>&1 ||
	{ cat make.out >&2; fail "make install failed"; }
(cd root && find . -type f | sort) >files
expect files <<'E'
./lib64/ld-matr.so.1
./usr/bin/matr
./usr/bin/matr-ld
./usr/share/man/man1/matr-ld.1
./usr/share/man/man1/matr.1
./usr/share/man/man5/matr-image.5
./usr/share/man/man8/ld-matr.so.8
E
root/usr/bin/matr version >/dev/null
root/usr/bin/matr-ld /bin/sh >/dev/null
cmp root/lib64/ld-matr.so.1 "$SHIM"
make -C "$TOP" -s --no-print-directory -o all BUILD="$BUILD" DESTDIR="$FOLDER/root" PREFIX=/usr uninstall >make.out 2>&1
find root -type f >files
expect files </dev/null
