#!/bin/bash
# Where rpm or pacman has the database, it is asked whose the missing library was.
. "$(dirname "$0")/system.sh"
needs rpm rpmbuild pacman
system() { # NAME: a root with one program that needs one library
	mkdir -p "$1/lib64" "$1/usr/lib64" "$1/usr/bin"
	cp /lib64/ld-linux-x86-64.so.2 "$(gcc -print-file-name=libc.so.6)" "$1/lib64/"
	RPATH='' lib "$1/usr/lib64/libtry.so.1" <<<'int try(void) { return 1; }'
	RPATH=/lib64:/usr/lib64 prog "$1/usr/bin/p" "$1/usr/lib64/libtry.so.1" <<<'int try(void); int main(void) { return try(); }'
	mv "$1/usr/bin/p.stock" "$1/usr/bin/p"
}
told() { # ROOT PACKAGE
	run_status 0 matr epoch begin --all --root "$1" /usr/bin
	rm "$1/usr/lib64/libtry.so.1"
	run_status 3 matr epoch begin --all --root "$1" --check /usr/bin
	has "was /usr/lib64/libtry.so.1 of package $2" out
}
system r
printf '%s\n' 'Name: rpm-try' 'Version: 1' 'Release: 1' 'Summary: x' 'License: x' %description x %install \
	'mkdir -p %{buildroot}/usr/lib64' 'echo >%{buildroot}/usr/lib64/libtry.so.1' %files /usr/lib64/libtry.so.1 >try.spec
rpmbuild -bb --define "_topdir $FOLDER/build" try.spec >rpm.out 2>&1 || { cat rpm.out >&2; fail "rpmbuild"; }
rpm --root "$FOLDER/r" --dbpath /var/lib/rpm -i --justdb --nodeps build/RPMS/*/*.rpm >rpm.out 2>&1 || { cat rpm.out >&2; fail "rpm"; }
told r rpm-try
system p
D=p/var/lib/pacman/local
mkdir -p $D/pacman-try-1-1
echo 9 >$D/ALPM_DB_VERSION
printf '%s\n' %NAME% pacman-try '' %VERSION% 1-1 '' >$D/pacman-try-1-1/desc
printf '%s\n' %FILES% usr/ usr/lib64/ usr/lib64/libtry.so.1 >$D/pacman-try-1-1/files
told p pacman-try
