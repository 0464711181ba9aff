#!/bin/bash
# ld.so.cache, ld.so.preload, another loader or libc: the next incremental epoch notices.
. "$(dirname "$0")/system.sh"
private_mounts
fixture
[ -f /etc/ld.so.cache ] && [ ! -e /etc/ld.so.preload ] || skip "no ld.so.cache, or an ld.so.preload"
cp -a /etc etc
mount --bind etc /etc
step() { # the incremental epoch serves the program as it is now
	run_status 0 matr epoch begin --all ./main
	EPOCH=begun
	fast ./main
}
step <main.expected
RPATH='' lib libpre.so <<<'int one(void) { return 7; }'
echo "$FOLDER/libpre.so" >/etc/ld.so.preload
printf 'one 7\ntwo 14\ncalls 0\n' >pre.expected
step <pre.expected
rm /etc/ld.so.preload
step <main.expected
loader=$(readlink -f /lib64/ld-linux-x86-64.so.2)
cp -p "$loader" loader.copy
mount --bind loader.copy "$loader"
step <main.expected
libc=$(ldd main.stock | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')
cp -p "$libc" libc.copy
mount --bind libc.copy "$libc"
step <main.expected
# A library that only the cache knows.
mkdir hidden
RPATH='' lib hidden/libcached.so <<<'int cached(void) { return 1; }'
RPATH='' prog plain hidden/libcached.so <<<'extern int cached(void); int main(void) { return cached(); }'
run_status 0 matr epoch begin --all ./plain
refused library-missing ./plain
echo "$FOLDER/hidden" >/etc/ld.so.conf.d/matr-test.conf
/sbin/ldconfig -X
run_status 0 matr epoch begin --all ./plain
fast ./plain <<<'exit 1'
