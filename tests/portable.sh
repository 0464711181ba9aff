# shellcheck shell=bash
# tests/portable.sh - for the cases about portable stores; sources system.sh
#
#	small_root FOLDER          the fixture's programs, and all that they need, in a root of their own
#	seal FOLDER [ARG...]       matr epoch begin --root FOLDER, of every program there
#	inside FOLDER COMMAND...   in that root, MatR required: prints its output and status
#	falls_inside REASON FOLDER COMMAND...
#	same_time FILE COMMAND...  runs the command on a file, whose mtime stays as it was

. "$(dirname "${BASH_SOURCE[0]}")/system.sh"

small_root() {
	local root=$1 f
	[ -n "${PROGRAMS-}" ] || fixture
	for f in "$FOLDER/main" "$SHIM" "$FOLDER"/lib{one,two}.so /lib64/ld-linux-x86-64.so.2 \
		"$(ldd main.stock | sed -n 's/.*libc\.so\.6 => \([^ ]*\).*/\1/p')"; do
		mkdir -p "$root$(dirname "$f")"
		cp -Lp "$f" "$root$f"
	done
}

seal() {
	local root=$1
	shift
	"$MATR" -q epoch begin --all --root "$root" "$@" "$FOLDER/main"
}

inside() {
	local root=$1
	shift
	run_into inside.out LD_MATR_REQUIRE=1 chroot "$root" "$@"
	expect inside.out
}

falls_inside() {
	local reason=$1 root=$2
	shift 2
	run_into debug.out LD_MATR_DEBUG=1 chroot "$root" "$@"
	grep -q "^matr: .*: stock path: $reason: " debug.out ||
		{ cat debug.out >&2; fail "not the stock path with reason $reason"; }
	grep -v '^matr: ' debug.out >inside.out || true
	expect inside.out
}

same_time() {
	local file=$1
	touch -r "$file" time.kept
	shift
	"$@"
	touch -r time.kept "$file"
}
