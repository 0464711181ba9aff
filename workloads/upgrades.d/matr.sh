# shellcheck shell=bash
# workloads/upgrades.d/matr.sh - MatR in the root: installed, switched on, waited for, verified; sourced
#
# Variables of workloads/upgrades: $root, $work, $logs, $deb (a Debian package, or empty), $daemon,
# $BUILD, $TOP.  STORE is the store as seen from here.

STORE=$root/var/lib/matr
matr() { inside matr "$@"; }

install_matr() {
	if [ -n "$deb" ]; then
		cp "$deb" "$root/var/cache/matr.deb" && inside dpkg -i /var/cache/matr.deb && rm "$root/var/cache/matr.deb"
	else
		make -s -C "$TOP" BUILD="$BUILD" DESTDIR="$root" HOOKS=apt install
	fi || return
	matr version
}

# What systemd does: Restart=on-failure, but sooner.
supervise() {
	while [ ! -e "$work/stop" ]; do
		echo "--- epochd is started, $(date +%T.%N)"
		chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/epochd &
		echo $! >"$work/epochd.pid"
		wait $!
		echo "--- epochd has ended with $?, $(date +%T.%N)"
		sleep 0.5
	done </dev/null >>"$logs/epochd" 2>&1
}

# $work/stock: programs that take the stock path in the first epoch too, as NAME:REASON
start_matr() {
	[ -z "$daemon" ] || { supervise & }
	if [ -n "$daemon" ]; then wait_epoch 120; else matr epoch begin; fi && switch_on || return
	start_each
	cp "$work/each" "$logs/each"
	awk '$3 != "epoch" && $3 != "absent" { print $2 ":" $3 }' "$work/each" >"$work/stock"
	note "$(awk '{ n[$3]++ } END { for (p in n) printf "%s %d  ", p, n[p] }' "$work/each")"
}

switch_on() {
	[ -n "$enable" ] || { matr system enable && return; }
	cut -f 4 "$work/list" | grep -vxF /usr/bin/dpkg | xargs chroot "$root" matr enable
}

state() { sed -n 's/.*"state": *"\([^"]*\)".*/\1/p' "$STORE/status" 2>/dev/null | head -n 1; }
current() { readlink "$STORE/current" 2>/dev/null; }
alive() { local p; p=$(cat "$work/epochd.pid" 2>/dev/null) && kill -0 "$p" 2>/dev/null; }
settled() { [ -n "$(current)" ] && { [ -z "$daemon" ] || { alive && [ "$(state)" = epoch ]; }; }; }

# wait_epoch SECONDS: until an epoch is current and the daemon is at rest
wait_epoch() {
	local until=$((SECONDS + $1))
	while ! settled; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.02
	done
}

# Seconds from $1 to the moment when the current epoch became that; 0 where it was earlier.
since() { stat -c %.9Y "$STORE/current" 2>/dev/null | awk -v t="$1" '{ printf "%.3f", ($1 > t) ? $1 - t : 0 }'; }

# verify PROGRAM...|--all: adds to $verified and $wrong
verify() {
	local out=$work/verify ok=0 same different failed
	matr --json verify "$@" >"$out" 2>"$out.err" || ok=$?
	same=$(sum same) different=$(sum different) failed=$(sum failed)
	verified=$((verified + ${same:-0})) wrong=$((wrong + ${different:-1} + ${failed:-1}))
	[ $ok = 0 ] || cat "$out" "$out.err" >"$logs/verify.$operation"
	return $ok
}
sum() { sed -n '$s/.*"'"$1"'":\([0-9]*\).*/\1/p' "$work/verify"; }
