#!/bin/bash
# make install (of what is built) puts everything below DESTDIR, what it puts there works, and make uninstall leaves nothing.
. "$(dirname "$0")/lib.sh"
needs make
make_quietly() {
	make -C "$TOP" -s --no-print-directory -o all BUILD="$BUILD" DESTDIR="$FOLDER/root" "$@" >make.out 2>&1 ||
		{ cat make.out >&2; fail "make $*"; }
}
make_quietly PREFIX=/usr HOOKS="apt pacman initramfs-tools dracut mkinitcpio apparmor" install
(cd root && find . -type f | LC_ALL=C sort) >files
expect files <<'E'
./etc/apparmor.d/abstractions/base.d/matr
./etc/apt/apt.conf.d/90matr
./etc/dpkg/dpkg.cfg.d/matr
./lib64/ld-matr.so.1
./usr/bin/matr
./usr/bin/matr-ld
./usr/lib/dracut/modules.d/01matr/module-setup.sh
./usr/lib/initcpio/install/matr
./usr/lib/systemd/system/epochd.service
./usr/lib/sysusers.d/matr.conf
./usr/sbin/epochd
./usr/share/doc/matr/examples/matr.conf
./usr/share/initramfs-tools/hooks/matr
./usr/share/libalpm/hooks/00-matr-begin.hook
./usr/share/libalpm/hooks/zz-matr-end.hook
./usr/share/man/man1/matr-ld.1
./usr/share/man/man1/matr.1
./usr/share/man/man5/matr-image.5
./usr/share/man/man5/matr.conf.5
./usr/share/man/man8/epochd.8
./usr/share/man/man8/ld-matr.so.8
./usr/share/man/man8/matr-packages.8
E
root/usr/bin/matr version >/dev/null
root/usr/bin/matr-ld /bin/sh >/dev/null
cmp root/lib64/ld-matr.so.1 "$SHIM"
make_quietly PREFIX=/usr HOOKS="apt pacman initramfs-tools dracut mkinitcpio apparmor" uninstall
find root >files 2>/dev/null || true
expect files </dev/null
make_quietly PREFIX=/usr/local SHIMDIR=/usr/lib64 HOOKS="apt pacman initramfs-tools dracut mkinitcpio apparmor" install
[ -x root/usr/lib64/ld-matr.so.1 ] || fail "SHIMDIR was not obeyed"
! grep -rE '/usr/s?bin/(matr|epochd)' root/etc root/usr/share/libalpm root/usr/local/lib || fail "another PREFIX"
