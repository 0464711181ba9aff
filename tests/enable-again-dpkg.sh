#!/bin/bash
# dpkg replaces an enabled program: enabled again at the next epoch, not while dpkg works, and disable leaves dpkg -V clean.
. "$(dirname "$0")/system.sh"
needs dpkg dpkg-deb
private_mounts
short_shim
mount -t tmpfs none /opt
mount -t tmpfs none /var/lib/dpkg
mkdir /var/lib/dpkg/{info,updates,triggers}
touch /var/lib/dpkg/status
matr -q epoch roots add /opt >/dev/null
package() {
	mkdir -p "p$1/DEBIAN" "p$1/opt/tool"
	plain "p$1/opt/tool/prog" <<<"int main(void) { return $1; }"
	printf 'Package: tool\nVersion: %s\nArchitecture: amd64\nMaintainer: x <x@example.org>\nDescription: x\n' "$1" >"p$1/DEBIAN/control"
	printf '#!/bin/sh\nexec >%s 2>&1 </dev/null; %s epoch begin --all; %s epoch packages end' "$FOLDER/during$1" "$MATR --store $STORE" "$MATR --store $STORE" >"p$1/DEBIAN/postinst"
	chmod 755 "p$1/DEBIAN/postinst"
	(cd "p$1" && md5sum opt/tool/prog >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -b "p$1" "$1.deb" >/dev/null
	dpkg --log=/dev/null --force-depends -i "$1.deb" >dpkg.out 2>&1 || { cat dpkg.out >&2; fail "dpkg -i"; }
}
fast_with() {
	run_into out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" /opt/tool/prog
	expect out <<<"exit $1"
}
package 1
matr enable --interpreter "$SHIM" /opt/tool/prog >/dev/null
matr -q epoch begin --all
fast_with 1
dpkg -V tool >changed || true
has /opt/tool/prog changed
package 2
has "enabled programs that were replaced (1) are not enabled again while dpkg works" during2
dpkg -V tool || fail "changed while dpkg worked"
run_status 0 matr epoch begin --all
has "'/opt/tool/prog': enabled again" err
fast_with 2
matr -q disable /opt/tool/prog
dpkg -V tool || fail "not restored"
matr -q enable --interpreter "$SHIM" /opt/tool/prog
package 3
run_status 0 matr epoch packages end
has "'/opt/tool/prog': enabled again" err
fast_with 3
matr -q disable --all
dpkg -V tool || fail "not restored"
