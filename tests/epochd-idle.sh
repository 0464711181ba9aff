#!/bin/bash
# epochd: nothing wakes it while nothing happens, in no state; it is small.
. "$(dirname "$0")/epochd.sh"
private_mounts
a_store
# What others do on this machine is to be no event here.
mkdir etc dpkg
cp -a /etc/passwd /etc/group /etc/ld.so.* etc
for folder in /var/lib/rpm /usr/lib/sysimage/rpm /var/lib/pacman; do
	[ ! -d $folder ] || mount -t tmpfs none $folder
done
mount --bind etc /etc
mount --bind dpkg /var/lib/dpkg
number() { sed -n "s/^$1:[^0-9]*\\([0-9]*\\).*/\\1/p" "/proc/$DAEMON/status"; }
switches() { number voluntary_ctxt_switches; }
sleeps() {
	local before
	until_true no_children
	sleep 0.7
	before=$(switches)
	sleep 2
	[ "$(switches)" = "$before" ] || { cat log >&2; fail "$1: $(($(switches) - before)) wake-ups"; }
}
daemon --inotify
until_true state epoch
sleeps epoch
matr epoch packages begin
sleeps management
matr epoch packages end
until_true state epoch
matr epoch end
sleeps ended
kilobytes=$(number VmRSS)
[ -n "${SANITIZE-}" ] || [ "$kilobytes" -lt 10000 ] || fail "$kilobytes kB"
