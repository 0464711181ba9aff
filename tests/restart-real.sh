#!/bin/bash
# A real program with many libraries: whichever of them has changed, the restart gives the same output.
. "$(dirname "$0")/system.sh"
private_mounts
short_shim
most=0
for p in /usr/bin/gdb /usr/bin/clang /usr/bin/curl /usr/bin/python3 /usr/bin/perl /bin/bash; do
	[ -x $p ] || continue
	n=$(ldd "$(readlink -f $p)" 2>/dev/null | grep -c '=> /' || true)
	[ "$n" -le "$most" ] || { most=$n; real=$(readlink -f $p); }
done
[ "$most" -gt 3 ] || skip "no program with libraries"
cp "$real" program
cp program program.stock
run_status 0 matr enable --interpreter "$SHIM" program
run_into program.expected ./program.stock --version
sed -i 's|program\.stock|program|g' program.expected
epoch ./program
fast ./program --version <program.expected
ldd program.stock | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | xargs -n 1 readlink -f | sort -u >libraries
# At most 20 of them, evenly chosen.
awk -v n="$(wc -l <libraries)" 'NR % (int(n / 20) + 1) == 0' libraries >some
while read -r lib; do
	cp -p "$lib" copy
	mount --bind copy "$lib"
	falls library-changed ./program --version <program.expected
	umount -l "$lib"
	rm copy
done <some
fast ./program --version <program.expected
