#!/bin/bash
# Without any matr.conf, what lies in /usr/sbin or /sbin has layout exec; --layout overrides it, but for `off`.
. "$(dirname "$0")/system.sh"
needs jq
mkdir -p root/usr/sbin root/usr/bin root/etc root/lib64 root/usr/lib
ln -s usr/sbin root/sbin
cp /lib64/ld-linux-x86-64.so.2 root/lib64/
cp /lib/x86_64-linux-gnu/libc.so.6 root/usr/lib 2>/dev/null || cp /lib64/libc.so.6 root/usr/lib
lib root/usr/lib/libone.so <<<'int one(void) { return 1; }'
for p in sbin/service bin/tool bin/off; do
	RPATH='' compile root/usr/$p root/usr/lib/libone.so <<<'int one(void); int main(void) { return one(); }'
done
count() {
	run_status 0 matr --json epoch begin --all --root "$FOLDER/root" "$@" /usr
	run_status 0 matr --json epoch status
	jq -c .layouts out >layouts
}
count
expect layouts <<<'{"epoch":2,"exec":1,"off":0}'
echo 'layout off /usr/bin/off' >root/etc/matr.conf
count
expect layouts <<<'{"epoch":1,"exec":1,"off":1}'
count --layout exec
expect layouts <<<'{"epoch":0,"exec":2,"off":1}'
count --layout epoch
expect layouts <<<'{"epoch":2,"exec":0,"off":1}'
echo 'layout epoch /sbin/serv*e' >>root/etc/matr.conf
count
expect layouts <<<'{"epoch":2,"exec":0,"off":1}'
