# shellcheck shell=bash
# workloads/upgrades.d/starts.sh - what is started, and the loops that start it; sourced
#
# Variables of workloads/upgrades: $work, $root, $here, $loops, $pause, $seed

LOADER=/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
LOOP_PIDS=()

# $work/list: the programs with what they print under stock.  One whose output is not always the
# same, or whose exit status is not 0, is of no use.
make_list() {
	local name class program arguments expected n=0
	mkdir -p "$work/expected"
	mkdir -p "$root/usr/share/xml" && echo '<a><b/><c/></a>' >"$root/usr/share/xml/trial.xml"
	while IFS=$'\t' read -r name class program arguments; do
		case $name in '#'* | '') continue ;; esac
		expected=$work/expected/$name
		IFS=$'\t' read -r -a words <<<"$arguments"
		stock "$program" "${words[@]}" >"$expected" 2>/dev/null </dev/null &&
			stock "$program" "${words[@]}" 2>/dev/null </dev/null | cmp -s - "$expected" ||
			{ note "not started: $name"; continue; }
		printf '%s\t%s\t%s\t%s%s\n' "$name" "$class" "$expected" "$program" "${arguments:+	$arguments}"
	done <"$here/upgrades.d/programs.tsv" >"$work/list"
	for name in $MADE_UP; do
		case $name in tprog-*) printf '%s\tmoving\tok\t/usr/bin/%s\n' "$name" "$name" ;; esac
	done >>"$work/list"
	n=$(wc -l <"$work/list")
	note "$n programs are started"
}
# as the loops start it
stock() {
	local program=$1
	shift
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb "$program" "$@"
}

begin_loops() {
	local n
	for ((n = 1; n <= loops; n++)); do
		"$work/loop" "$root" "$work/list" "$logs/loop.$n" $((seed * 100 + n)) "$pause" $LOADER 2>>"$logs/loop.err" &
		LOOP_PIDS+=($!)
	done
}
end_loops() {
	[ ${#LOOP_PIDS[@]} -gt 0 ] || return 0
	kill -TERM "${LOOP_PIDS[@]}" 2>/dev/null
	wait "${LOOP_PIDS[@]}" 2>/dev/null
	LOOP_PIDS=()
}

# How every program that is there starts now: lines `each NAME PATH right|wrong` in $work/each
start_each() {
	"$work/loop" "$root" "$work/list" "$work/each" each 0 $LOADER && grep '^each' "$work/each" >"$work/each.new" &&
		mv "$work/each.new" "$work/each"
}
