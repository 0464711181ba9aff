# shellcheck shell=bash
# workloads/upgrades.d/operations.sh - one random thing that an administrator does; sourced
#
# Everything random comes from bash's RANDOM, seeded: the same seed does the same things as long as
# they have the same results.

LOCK_WAIT=30

# A subshell would not advance RANDOM: these two leave their answers in $REPLY and $chosen.
pick() { shift $((RANDOM % $#)) && REPLY=$1; }
# some N PACKAGE...: PACKAGE=VERSION for N of them, another version than the installed one
some() {
	local n=$1 p v
	shift
	chosen=()
	installed >"$work/installed"
	while [ ${#chosen[@]} -lt "$n" ]; do
		pick "$@" && p=$REPLY
		mapfile -t v < <(versions "$p" | grep -vxF "$(awk -v p="$p" '$1 == p { print $2 }' "$work/installed")")
		pick "${v[@]}"
		[[ " ${chosen[*]}" = *" $p="* ]] || chosen+=("$p=$REPLY")
	done
}
deb_of() { # PACKAGE=VERSION
	awk -v p="${1%%=*}" -v v="${1#*=}" '/^Package: / { a = $2 } /^Version: / { b = $2 }
		/^Filename: / && a == p && b == v { print "/repo/" $2; exit }' "$cache/repo/Packages"
}

# choose: sets $kind, and $arguments of apt or dpkg
choose() {
	local made=() real=() base=() all=() chosen=() n=$((RANDOM % 20)) there
	read -r -a made <<<"${MADE_UP//$'\n'/ }" && read -r -a base <<<"$BASE"
	read -r -a real <<<"${REAL//$'\n'/ }" && read -r -a all <<<"${REAL_LIBRARIES//$'\n'/ }"
	all+=("${real[@]}" "${made[@]}" "${made[@]}")
	real+=("${made[@]}")
	case $n in
	[0-7]) kind=one && some 1 "${all[@]}" && arguments=(install "${chosen[@]}") ;;
	8 | 9) kind=removal && some 1 "${real[@]}" && arguments=(remove "${chosen[@]%%=*}") ;;
	10) kind=removals && some 3 "${real[@]}" && arguments=(remove "${chosen[@]%%=*}") ;;
	11 | 12) kind=several && some $((2 + RANDOM % 6)) "${all[@]}" && arguments=(install "${chosen[@]}") ;;
	13) kind=again && mapfile -t there < <(installed | cut -f 1 | grep -E '^(libt|tprog)|xml|curl|git') &&
		pick "${there[@]}" && arguments=(install --reinstall "$REPLY") ;;
	14 | 15) kind=base && some 1 "${base[@]}" && arguments=(install "${chosen[@]}") ;;
	16 | 17) kind=dpkg && some 1 "${made[@]}" && arguments=("$(deb_of "${chosen[0]}")") ;;
	18) kind=all && arguments=(install "${made[@]}") ;;
	19) kind=upgrade && arguments=(upgrade) ;;
	esac
}

# Carries it out in a session of its own, whose number is in $work/session while it lasts.
carry_out() {
	local command=(apt-get -y -qq -o DPkg::Lock::Timeout=$LOCK_WAIT -o Dpkg::Options::=--force-confold --allow-downgrades)
	[ $kind != dpkg ] || command=(dpkg -i)
	setsid --wait bash -c 'echo $$ >"$0"; exec "$@"' "$work/session" chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive TERM=dumb "${command[@]}" "${arguments[@]}" \
		</dev/null >"$work/out" 2>&1
}

# What an administrator does when dpkg or apt has not come to its end. 0: nothing was to be done.
repair() {
	local n p
	sound && return
	for n in 1 2 3 4 5; do
		inside dpkg --configure -a --force-confold || true
		apt -o DPkg::Lock::Timeout=$LOCK_WAIT --allow-downgrades -f install || true
		for p in $(inside dpkg-query -W -f '${Package} ${db:Status-Eflag}\n' | awk '$2 != "ok" { print $1 }'); do
			apt --reinstall --allow-downgrades install "$p" || inside dpkg --purge --force-remove-reinstreq "$p" || true
		done
		sound && break
	done </dev/null >>"$logs/repair" 2>&1
	sound || note "operation $operation: packages cannot be repaired, see $logs/repair"
	return 1
}
sound() { [ -z "$(inside dpkg --audit 2>&1)" ] && inside apt-get -qq check >/dev/null 2>&1 && [ -z "$(ls "$root/var/lib/dpkg/updates")" ]; }

# when dpkg last wrote its database
dpkg_end() { stat -c %.9Y "$root/var/lib/dpkg/status"; }
