# shellcheck shell=bash
# workloads/upgrades.d/trouble.sh - what can go wrong meanwhile: kill -9, a full disk; sourced
#
# Each runs beside one operation and the epoch after it, and ends by itself.  What it did: a line in $logs/trouble.

did() { echo "$(date +%T.%N) operation $operation: $*" >>"$logs/trouble"; }

# kill_some SEED: one or two victims, each at a random moment of the next seconds
kill_some() {
	local n
	RANDOM=$1
	for ((n = RANDOM % 2; n >= 0; n--)); do
		pick epochd epochd builder builder dpkg dpkg apt-get hook
		case $REPLY in
		epochd) random_seconds 2500 && kill_one epochd "$(cat "$work/epochd.pid")" ;;
		apt-get) random_seconds 1500 && kill_one apt-get "$(of_operation apt-get)" ;;
		builder) kill_soon builder 200 builder ;;
		dpkg) kill_soon dpkg 250 of_operation dpkg ;;
		hook) kill_soon hook 5 of_operation matr ;;
		esac
	done 2>/dev/null
}
random_seconds() { # fewer than N milliseconds
	local ms=$(($1 * RANDOM / 32768))
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}
kill_one() { [ -n "$2" ] && kill -9 "$2" && did "killed $1"; }
# kill_soon TITLE N COMMAND: waits for the process that COMMAND tells, lets it live up to N milliseconds
kill_soon() {
	local p='' n
	for ((n = 0; n < 150; n++)); do
		p=$("${@:3}")
		[ -z "$p" ] || break
		sleep 0.01
	done
	random_seconds "$2"
	kill_one "$1" "$p"
}
# the newest of that name that the operation has started; apt gives its dpkg a session of its own
of_operation() {
	local p
	for p in $(pgrep -x "$1" | sort -rn); do
		! descends "$p" "$(cat "$work/session")" || { echo "$p" && return; }
	done
}
descends() { # PID ANCESTOR
	local p=$1 line
	while [ "$p" != "$2" ]; do
		[ "$p" -gt 1 ] && read -r line <"/proc/$p/stat" || return 1
		read -r _ p _ <<<"${line##*) }"
	done
}
builder() { pgrep -P "$(cat "$work/epochd.pid")" -x matr | head -n 1; }

# fill_disk: no byte is free for some seconds
fill_disk() {
	RANDOM=$1
	random_seconds 2000
	fill && did "filled the disk"
	random_seconds 4000
	rm -f "$work/disk/filler"
	did "freed the disk"
}
fill() {
	local kib
	kib=$(df -k --output=avail "$work/disk" | tail -n 1)
	fallocate -l $((kib > 64 ? kib - 64 : 1))K "$work/disk/filler" 2>/dev/null
	dd if=/dev/zero of="$work/disk/filler" bs=4k oflag=append conv=notrunc 2>/dev/null
	:
}
