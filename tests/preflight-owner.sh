#!/bin/bash
# The packages of what is missing, from the root's own database: aliases, diversions, packages that are gone.
. "$(dirname "$0")/system.sh"
needs jq
mkdir -p root/lib64 root/usr/lib/x86_64-linux-gnu root/usr/bin root/var/lib/dpkg/info
ln -s usr/lib root/lib
cp /lib64/ld-linux-x86-64.so.2 root/lib64/
cp "$(gcc -print-file-name=libc.so.6)" root/lib/x86_64-linux-gnu/
needed() { RPATH='' SONAME=$1 lib "root/usr/lib/x86_64-linux-gnu/$1" <<<"int $2(void) { return 1; }"; }
needed libkept.so.1 kept
needed libgone-x2.so.4 gone
needed libaside.so.1 aside
program() {
	RPATH='' prog "root/usr/bin/$1" "root/usr/lib/x86_64-linux-gnu/$2" <<<"int $3(void); int main(void) { return $3(); }"
	mv "root/usr/bin/$1.stock" "root/usr/bin/$1"
}
program one libkept.so.1 kept
program two libgone-x2.so.4 gone
program three libaside.so.1 aside
D=root/var/lib/dpkg
echo /lib/x86_64-linux-gnu/libkept.so.1 >$D/info/libkept1:amd64.list
printf '%s\n' /usr/bin/one /usr/bin/two >$D/info/tools.list
echo /usr/bin/three >$D/info/others.list
echo /usr/lib/x86_64-linux-gnu/libaside.so.1 | tee $D/info/aside-first.list >$D/info/aside-second.list
printf '%s\n' /usr/lib/x86_64-linux-gnu/libaside.so.1 /usr/lib/x86_64-linux-gnu/libaside.so.1.old aside-second >$D/diversions
cat >$D/status <<'S'
Package: tools
Status: install ok installed
Depends: libc6 (>= 2.3), libwhatever | other, libgone-x2-4t64 (>= 2.0)

Package: others
Status: install ok installed
Depends: libaside1
S
run_status 0 matr --json epoch begin --all --root root /usr/bin
rm root/usr/lib/x86_64-linux-gnu/lib{kept,gone,aside}*
run_status 3 matr --json epoch begin --all --root root --check /usr/bin
jq -c '.preflight.findings[] | [.programs[0].path, .programs[0].package, .package, .package_installed]' out | sort >told
expect told <<'T'
["/usr/bin/one","tools","libkept1:amd64",true]
["/usr/bin/three","others","aside-second",true]
["/usr/bin/two","tools","libgone-x2-4t64",false]
T
run_status 3 matr epoch begin --all --root root --check /usr/bin
has 'package libgone-x2-4t64, which is not installed' out
