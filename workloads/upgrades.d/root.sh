# shellcheck shell=bash
# workloads/upgrades.d/root.sh - the Debian root that workloads/upgrades plays with; sourced
#
# Variables: $cache (kept from run to run), $work (this run's, in memory), $root (where the root is mounted),
# $given (an own root below an overlay, or empty), $size.  Everything that is mounted here is in this
# process's own mount namespace, and goes with it.

SUITE=bookworm
# What MatR itself needs, beside Debian's smallest system.
NEEDED=liblmdb0,libjansson4,libxxhash0,libelf1,libcapstone4,libsqlite3-0,libdw1,libseccomp2,libcap2-bin
NEEDED+=,systemd-standalone-sysusers,busybox-static,procps
# Real packages that come and go, and those that stay and are only replaced.
REAL='libxml2-utils git vim-tiny libpng-tools curl python3-minimal openssl sqlite3 jq file gawk bc libarchive-tools
	xz-utils'
REAL_LIBRARIES='libxml2 libpng16-16 libcurl4 libssl3 libjq1 libonig5 libmagic1 libexpat1 libreadline8 libarchive13 libmpfr6
	libnghttp2-14 libicu72 libgdbm6 libkrb5-3 vim-common perl'
BASE='zlib1g libselinux1 libpcre2-8-0 liblzma5 libzstd1 libstdc++6 libgcc-s1 gcc-12-base libc6 libc-bin'
MADE_UP='libtalpha libtbeta libtver libttls libtifunc libtdata libtbig libtplug libtcxx libtopt tplug-one
	tprog-alpha tprog-nopie tprog-two tprog-ver tprog-tls tprog-ifunc tprog-plug tprog-data tprog-big
	tprog-own tprog-all tprog-cxx'

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
	DEBIAN_FRONTEND=noninteractive TERM=dumb "$@"; }
apt() { inside apt-get -y -qq -o Dpkg::Options::=--force-confold -o APT::Get::Show-Upgraded=no "$@"; }

# The smallest system by debootstrap; made once.
base_root() {
	[ "$(cat "$cache/base.made" 2>/dev/null)" != "$NEEDED" ] || return 0
	rm -rf "$cache/base" "$cache/base.new"
	debootstrap --variant=minbase --include=$NEEDED $SUITE "$cache/base.new" ${mirror:+"$mirror"} || return
	rm -f "$cache/base.new"/var/cache/apt/archives/*.deb
	mv "$cache/base.new" "$cache/base" && echo $NEEDED >"$cache/base.made"
}

# The packages of REAL and BASE with all that they need, as files in $cache/debs; fetched once.
fetch_debs() {
	[ ! -e "$cache/debs/done" ] || return 0
	local at=$cache/fetch
	rm -rf "$at"
	mkdir -p "$at" "$cache/debs/partial"
	cp -a "$cache/base/." "$at/"
	cp /etc/resolv.conf "$at/etc/"
	mount --bind "$cache/debs" "$at/var/cache/apt/archives"
	# shellcheck disable=SC2086 # words
	root=$at inside sh -c "apt-get -qq update &&
		apt-get -y -qq --no-install-recommends --download-only install $(echo $REAL) &&
		cd /var/cache/apt/archives && apt-get -qq download $(echo $BASE)" &&
		echo "$REAL $BASE" >"$cache/debs/done"
	umount "$at/var/cache/apt/archives" && rm -rf "$at"
	[ -e "$cache/debs/done" ]
}

# $cache/repo, made anew where the sources are newer
repository() {
	[ -e "$cache/repo/Packages" ] &&
		[ -z "$(find "$here/upgrades.d/packages" "$here/upgrades.d/sources" -newer "$cache/repo/Packages")" ] && return
	rm -rf "$cache/repo"
	TMPDIR=$work "$here/upgrades.d/packages" "$cache/repo" "$cache"/debs/*.deb
}

# A file system of its own, so that its disk can be full while nobody else's is.
make_root() {
	local image
	image=$(mktemp "$cache/image.XXXXXX") && truncate -s "${size}M" "$image" && mkfs.ext4 -q -F -m 0 "$image" || return
	mkdir -p "$work/disk" "$root"
	mount -o loop "$image" "$work/disk" && rm "$image" || return
	if [ -n "$given" ]; then
		mkdir "$work/disk/upper" "$work/disk/work"
		mount -t overlay -o "lowerdir=$given,upperdir=$work/disk/upper,workdir=$work/disk/work" none "$root"
	else
		cp -a "$cache/base/." "$work/disk/" && mount --bind "$work/disk" "$root"
	fi || return
	mkdir -p "$root/repo"
	mount --bind -o ro "$cache/repo" "$root/repo"
	mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys"
	mount -t tmpfs tmpfs "$root/run" && mount -t tmpfs tmpfs "$root/tmp" && make_devices
}

make_devices() {
	mount -t tmpfs -o mode=755 tmpfs "$root/dev" && mkdir "$root/dev/pts" "$root/dev/shm" || return
	mknod -m 666 "$root/dev/null" c 1 3 && mknod -m 666 "$root/dev/zero" c 1 5 &&
		mknod -m 666 "$root/dev/full" c 1 7 && mknod -m 666 "$root/dev/random" c 1 8 &&
		mknod -m 666 "$root/dev/urandom" c 1 9 && mknod -m 666 "$root/dev/tty" c 5 0 || return
	ln -s /proc/self/fd "$root/dev/fd"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts" && ln -s pts/ptmx "$root/dev/ptmx"
}

# Only the local repository; services are not started; everything in its first version.
prepare_packages() {
	rm -f "$root"/etc/apt/sources.list.d/*
	echo 'deb [trusted=yes] file:/repo ./' >"$root/etc/apt/sources.list"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
	printf '%s\n' 'APT::Install-Recommends "false";' 'APT::Sandbox::User "root";' >"$root/etc/apt/apt.conf.d/00trial"
	apt update || return
	# shellcheck disable=SC2046 # words
	apt --allow-downgrades install $(for p in $REAL $BASE $MADE_UP; do echo "$p=$(oldest "$p")"; done)
}

# versions PACKAGE: those of the repository, the oldest first
versions() { awk -v want="$1" '$1 == want { print $2 }' "$work/versions"; }
oldest() { versions "$1" | head -n 1; }
list_versions() {
	awk '/^Package: / { p = $2 } /^Version: / { print p "\t" $2 }' "$cache/repo/Packages" |
		sort -k 1,1 -k 2,2V >"$work/versions"
}
installed() { inside dpkg-query -W -f '${Package}\t${Version}\t${db:Status-Abbrev}\n' | awk '$3 == "ii" { print $1 "\t" $2 }'; }
