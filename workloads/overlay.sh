# shellcheck shell=bash
# workloads/overlay.sh - for scripts that try something in roots made by debootstrap; sourced first
#
# The script starts again in its own mount namespace.  Roots stay as they are: each overlay is a fresh
# folder above one.  What a command says is shown where something fails, and nowhere else.
#
#	overlay NAME LOWER     $root is a new overlay above LOWER, ready for apt-get in a chroot
#	inside COMMAND...      in $root
#	quietly COMMAND...     the same, its output into $work/said
#	must COMMAND...        the same, and it succeeds
#	fail MESSAGE           ends the script, with what was said last
#	ok SENTENCE            this was checked

[ "$(id -u)" = 0 ] || { echo "$0: needs root, for overlays and chroot" >&2; exit 1; }
[ -n "${IN_PRIVATE_MOUNTS-}" ] || IN_PRIVATE_MOUNTS=1 exec unshare -m --propagation private "$0" "$@"
work=$(mktemp -d "${TMPDIR:-/tmp}/$(basename "$0").XXXXXX")
work=$(realpath "$work")
root=
starts= # a process in the background

finish() {
	cd / || exit 1
	[ -z "$starts" ] || kill "$starts" 2>/dev/null
	grep -o " $work/[^ ]* " /proc/self/mounts | sort -r | xargs -r umount -l
	rm -rf "$work"
}
trap finish EXIT

fail() { echo "FAILED: $*" >&2; tail -n 40 "$work/said" >&2; exit 1; }
ok() { printf 'ok    %s\n' "$*"; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
	DEBIAN_FRONTEND=noninteractive TERM=dumb "$@"; }
quietly() { inside "$@" >"$work/said" 2>&1 </dev/null; }
must() { quietly "$@" || fail "exit $?: $*"; }

overlay() {
	root=$work/$1/root
	mkdir -p "$work/$1/upper" "$work/$1/work" "$root"
	mount -t overlay -o "lowerdir=$2,upperdir=$work/$1/upper,workdir=$work/$1/work" none "$root" || exit 1
	mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t sysfs sysfs "$root/sys" || exit 1
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
	echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/80frozen" # a mirror may be
	must apt-get update
}
