#!/bin/bash
# matr system enable refuses, and changes nothing: no root rights, no shim, a shim that fails its trial, no hook for the initramfs.
. "$(dirname "$0")/system.sh"
needs_root
[ -z "${STOCK-}" ] || skip "there is no matr"
small_root link true sh cat
refuses() {
	local why=$1
	shift
	run_status 1 matr system enable --root "$ROOT" "$@"
	has "$why" err
	cp err why
	[ "$(readlink "$LINK")" = ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 ] || fail "$why: the link has changed"
	ls "$ROOT/lib64" >names
	expect names <<<$'ld-linux-x86-64.so.2\nld-matr.so.1'
	run_status 3 matr system status --root "$ROOT"
}
refuses "cannot find '/nonexistent'" --shim /nonexistent
refuses "no x86-64 shared object" --shim /etc/passwd
refuses "is not ld-matr.so.1" --shim /lib/x86_64-linux-gnu/libc.so.6
# The first instruction of the stock path's way out, of the fast path's: broken.
for at in matr_handover _start; do
	cp "$SHIM" "$ROOT/lib64/broken"
	case $at in
	_start) place=$(readelf -h "$SHIM" | sed -n 's/.*Entry point address: *//p') ;;
	*) place=0x$(nm -D "$SHIM" | sed -n "s/ . $at\$//p") ;;
	esac
	poke "$ROOT/lib64/broken" "$place" '\x0f\x0b'
	cp "$ROOT/lib64/broken" "$ROOT/usr/broken" && rm "$ROOT/lib64/broken"
	refuses "fails its trial" --shim /usr/broken
	has 'signal 4' why
done
mkdir -p "$ROOT/usr/sbin" "$ROOT/etc/initramfs-tools/hooks"
echo '#!/bin/sh' >"$ROOT/usr/sbin/mkinitramfs"
refuses "initramfs-tools is installed and has no hook"
echo '#!/bin/sh' >"$ROOT/etc/initramfs-tools/hooks/matr"
refuses "initramfs-tools is installed and has no hook"
chmod +x "$ROOT/etc/initramfs-tools/hooks/matr"
run_status 0 matr system enable --root "$ROOT"
rm "$ROOT"/usr/bin/*
run_status 0 matr system disable --root "$ROOT"
refuses "no program here"
if [ -x /usr/bin/setpriv ]; then
	run_status 1 as_user "$MATR" system enable --root "$ROOT"
	has 'only root' err
fi
