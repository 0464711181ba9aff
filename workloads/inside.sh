# shellcheck shell=bash
# workloads/inside.sh - this build's matr in roots of overlay.sh; sourced behind it
#
#	bare_overlay NAME LOWER  as overlay, but without what apt-get needs
#	put_matr                 matr and the shim into $root; its libraries come with it
#	matr ARG...              in $root, quietly
#	matr_json ARG...         the same, printed
#	verify_all WHAT          matr verify --all in $root finds no difference
#
# The build has to be for the root's release or an older one.

bare_overlay() {
	# shellcheck disable=SC2154 # of overlay.sh
	root=$work/$1/root
	mkdir -p "$work/$1/upper" "$work/$1/work" "$root"
	mount -t overlay -o "lowerdir=$2,upperdir=$work/$1/upper,workdir=$work/$1/work" none "$root" || fail "overlay $1"
	in_root_mounts
}

in_root_mounts() {
	if ! mount -t proc proc "$root/proc" || ! mount --rbind /dev "$root/dev" || ! mount -t sysfs sysfs "$root/sys"; then
		fail "mounts"
	fi
}

# A search path of its own, so that the root needs no packages more.
put_matr() {
	local lib
	mkdir -p "$root/opt/matr"
	cp "$BUILD/matr" "$root/opt/matr/matr"
	cp "$BUILD/ld-matr.so.1" "$root/lib64/ld-matr.so.1"
	for lib in $(ldd "$BUILD/matr" | sed -n 's/.* => \([^ ]*\).*/\1/p'); do
		case $lib in */libc.so.6 | */ld-linux*) continue ;; esac
		cp -L "$lib" "$root/opt/matr/"
	done
	patchelf --set-rpath /opt/matr --force-rpath "$root/opt/matr/matr"
}

matr() { quietly /opt/matr/matr "$@"; }
matr_json() { inside /opt/matr/matr --json "$@" 2>"$work/said"; }

verify_all() {
	inside /opt/matr/matr --json verify --all >"$work/verify.json" 2>"$work/said" ||
		fail "$1: verify: $(head -c 600 "$work/verify.json")"
	ok "$1: verify --all: $(tail -n 1 "$work/verify.json" | jq -r '.summary // . | "\(.same) programs the same, \(.differences) differences"')"
}
