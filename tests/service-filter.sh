#!/bin/bash
# Every system call of the daemon and of its builder is one that the systemd unit allows.
. "$(dirname "$0")/system.sh"
needs strace systemd-analyze
fixture
matr -q epoch roots add "$FOLDER"
unit=$TOP/packaging/systemd/epochd.service
# names PREFIX: the calls and @sets that lines of the unit name, without the prefix; sets opened
names() { sed -n "s/^SystemCallFilter=$1\([@a-z].*\)/\1/p" "$unit" | tr ' ' '\n'; }
systemd-analyze syscall-filter >sets
open() { # a set may hold sets
	local s
	while read -r s; do
		case $s in
		@*) awk -v s="$s" '/^@/ { on = $1 == s; next } on && !/#/ && NF { print $1 }' sets | open ;;
		*) echo "$s" ;;
		esac
	done
}
comm -23 <(names '' | open | sort -u) <(names '~' | open | sort -u) >allowed
grep -qx openat allowed
strace -f -qq -o calls "$BUILD/epochd" --store "$STORE" -- --all >log 2>&1 &
for _ in $(seq 200); do [ -e "$STORE/current" ] && break; sleep 0.1; done
[ -e "$STORE/current" ] || { cat log >&2; fail "no epoch"; }
matr -q epoch status >/dev/null
kill "$(cat "$STORE/epochd.lock")"
wait
sed -n 's/^[0-9]* *\([a-z_0-9]*\)(.*/\1/p' calls | sort -u | comm -23 - allowed >denied
expect denied </dev/null
