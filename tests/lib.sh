# shellcheck shell=bash
# tests/lib.sh - what every case uses; sourced first, by `. "$(dirname "$0")/lib.sh"`
#
# A case is one behaviour.  It builds small programs from here-documents and
# runs them the stock way and the MatR way; both must print what the case says.
# It starts in an empty folder of its own, which is removed at the end (KEEP=1
# keeps it), with a store of its own, $STORE.
#
#	lib NAME.so [FLAG...] <SOURCE    build a shared library with a SONAME
#	prog NAME [FLAG...] <SOURCE      build a program, twice: NAME starts through
#	                                 MatR, NAME.stock through the system's loader
#	both ./NAME [ARG...] <EXPECTED   run it in every way; see below
#	stock_only REASON ./NAME [ARG...] <EXPECTED
#	                                 the shim takes the stock path for that reason
#	refused REASON ./NAME            the resolver finds no image for it, and why
#	epoch [PATH...]                  begin an epoch; default: all programs so far
#	expect FILE <EXPECTED            compare a file with standard input
#	fails COMMAND...                 the command must not exit with 0
#	poke FILE OFFSET \\xNN...           overwrite bytes of a file
#	private_etc                      run in a mount namespace with a copy of /etc
#	needs COMMAND...                 skip the case where a command is missing
#	skip REASON                      skip the case
#	fail MESSAGE                     end the case
#
# EXPECTED is standard output and standard error in one, then "exit N" where the
# status is not 0.  Variables for a single call, as in `CC=g++ lib libx.so`:
#	CC, LD    compiler; linker (bfd, gold, lld, mold)
#	RPATH     search path of the object, default the case's folder; empty: none
#	SONAME    default the file's name; empty: none
#	VERSIONS  version script, as text
#	VERIFY    `both` also asks `matr verify`, for the whole suite: VERIFY=1 tests/run
#	MATR_TEST_LAYOUT  exec or epoch: what layout the epochs have; default as matr.conf says
#	WAYS      for `both`: "lazy now", each run with and without MatR; default both

set -eu
umask 022
ulimit -c 0
export LC_ALL=C
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(dirname "$TESTS")
BUILD=$(cd "${BUILD:-$TOP/build}" 2>/dev/null && pwd) || { echo "no build folder: run make first" >&2; exit 1; }
SHIM=$BUILD/ld-matr.so.1
MATR=$BUILD/matr
CASE=$(basename "$0" .sh)
for v in $(compgen -e LD_) GLIBC_TUNABLES MATR_STORE; do unset "$v"; done
# Everyone may look in: root's store takes nothing that is hidden from others.
FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/matr-$CASE.XXXXXX")
chmod 755 "$FOLDER"
cd "$FOLDER"
FOLDER=$(pwd -P)
STORE=$FOLDER/store
PROGRAMS=()
EPOCH=

on_exit() {
	[ -z "${KEEP-}" ] || { echo "kept: $FOLDER" >&2; return; }
	cd / && rm -rf "$FOLDER"
}
trap on_exit EXIT

fail() { echo "$CASE: $*" >&2; exit 1; }
skip() { echo "skip: $*"; exit 77; }
needs() {
	local c
	for c; do command -v "$c" >/dev/null || skip "no $c"; done
}

fails() {
	if "$@" >fails.out 2>&1; then
		cat fails.out >&2
		fail "should have failed: $*"
	fi
}

poke() { printf "%b" "$3" | dd of="$1" bs=1 seek="$(($2))" conv=notrunc status=none; }

# The case starts again in a mount namespace; its changes of /etc are seen by nobody else.
# The system's other folders are shared with the machine: they are made read-only first (an
# ldconfig that sees another /etc removes links of the real library folders), or nothing runs.
private_etc() {
	if [ -z "${PRIVATE_ETC-}" ]; then
		{ [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; } || skip "needs root and mount namespaces"
		cd / && rm -rf "$FOLDER"
		PRIVATE_ETC=1 exec unshare -m --propagation private "$TESTS/$CASE.sh"
	fi
	local folder
	for folder in /usr /lib /lib64 /opt /usr/local; do
		{ [ -d "$folder" ] && [ ! -L "$folder" ]; } || continue
		{ mount --bind "$folder" "$folder" && mount -o remount,bind,ro "$folder"; } 2>/dev/null ||
			skip "$folder cannot be made read-only"
	done
	if touch "/usr/lib/.$CASE.$$" 2>/dev/null; then
		rm -f "/usr/lib/.$CASE.$$"
		fail "/usr is still writable"
	fi
	mkdir etc
	cp -a /etc/passwd /etc/group /etc/nsswitch.conf /etc/hosts /etc/ld.so.c* /etc/alternatives etc 2>/dev/null || true
	mount --bind etc /etc
}

# compile OUT FLAG... <SOURCE: with the defaults that keep distributions alike
# (before glibc 2.34 dlopen and threads were libraries of their own)
compile() {
	local out=$1 language=c path=${RPATH-$FOLDER}
	shift
	case ${CC:-gcc} in *++) language="c++" ;; esac
	[ -z "${VERSIONS-}" ] || { echo "$VERSIONS" >versions.map; set -- "$@" -Wl,--version-script=versions.map; }
	# shellcheck disable=SC2086 # CC may hold words
	${CC:-gcc} -O1 -g -w -D_GNU_SOURCE ${LD:+-fuse-ld=$LD} -Wl,--no-as-needed,-z,lazy \
		-Wl,--enable-new-dtags ${path:+-Wl,-rpath,"$path"} \
		-x "$language" - -x none -o "$out" "$@" -Wl,--push-state,--as-needed -ldl -lpthread \
		-Wl,--pop-state || fail "cannot build $out"
}

lib() {
	local out=$1 name=${SONAME-$(basename "$1")}
	shift
	compile "$out" -shared -fPIC ${name:+-Wl,-soname,"$name"} "$@"
}

prog() {
	local out=$1 source
	shift
	source=$(cat)
	compile "$out.stock" "$@" <<<"$source"
	compile "$out" -Wl,--dynamic-linker="$SHIM" "$@" <<<"$source"
	PROGRAMS+=("$out")
	EPOCH=
}

epoch() {
	[ $# -gt 0 ] || set -- "${PROGRAMS[@]}"
	"$MATR" --store "$STORE" -q epoch begin --all ${MATR_TEST_LAYOUT:+--layout "$MATR_TEST_LAYOUT"} \
		"$@" >epoch.out 2>&1 ||
		{ cat epoch.out >&2; fail "matr epoch begin failed"; }
	EPOCH=begun
}

# run_into FILE VARIABLE=VALUE... PROGRAM ARG...: its output, then its status
run_into() {
	local out=$1 status=0
	shift
	# The outer group catches the shell's own word about a fatal signal.
	{ env "$@" </dev/null >"$out" 2>&1; } 2>/dev/null || status=$?
	[ $status = 0 ] || echo "exit $status" >>"$out"
}

expect() { same "$1" - "$1"; }

# same WHAT EXPECTED ACTUAL
same() {
	diff -u --label expected --label "$1" "$2" "$3" >&2 || fail "$1: other output than expected"
}

both() {
	local prog=$1 way now
	shift
	cat >expected.out
	for way in ${WAYS-lazy now}; do
		now=
		[ "$way" = lazy ] || now=LD_BIND_NOW=1
		run_into actual.out ${now:+"$now"} "$prog.stock" "$@"
		sed -i "s|${prog##*/}\.stock|${prog##*/}|g" actual.out
		same "stock, $way" expected.out actual.out
	done
	run_into actual.out LD_MATR_DISABLE=1 "$prog" "$@"
	[ "${WAYS-lazy}" = now ] || same "MatR disabled" expected.out actual.out
	[ -z "${STOCK-}" ] || return 0
	[ -n "$EPOCH" ] || epoch
	for way in ${WAYS-lazy now}; do
		now=
		[ "$way" = lazy ] || now=LD_BIND_NOW=1
		run_into actual.out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" ${now:+"$now"} "$prog" "$@"
		same "MatR, $way" expected.out actual.out
	done
	[ -z "${VERIFY-}" ] || "$MATR" --store "$STORE" verify "$(command -v "$prog")" >verify.out 2>&1 ||
		{ cat verify.out >&2; fail "matr verify found a difference"; }
}

stock_only() {
	local reason=$1 prog=$2
	shift 2
	cat >expected.out
	run_into actual.out "$prog.stock" "$@"
	sed -i "s|${prog##*/}\.stock|${prog##*/}|g" actual.out
	same "stock" expected.out actual.out
	[ -z "${STOCK-}" ] || return 0
	[ -n "$EPOCH" ] || epoch
	run_into debug.out LD_MATR_DEBUG=1 LD_MATR_STORE="$STORE" "$prog" "$@"
	grep -v '^matr: ' debug.out >actual.out || true
	same "stock path" expected.out actual.out
	grep -q "^matr: .*: stock path: $reason: " debug.out ||
		{ cat debug.out >&2; fail "not the stock path with reason $reason"; }
	run_into actual.out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" "$prog" "$@"
	grep -qx 'exit 127' actual.out || fail "LD_MATR_REQUIRE=1 let the stock path pass"
}

refused() {
	[ -z "${STOCK-}" ] || return 0
	case " ${PROGRAMS[*]} " in *" ${2#./} "*) ;; *) PROGRAMS+=("$2") EPOCH= ;; esac
	[ -n "$EPOCH" ] || epoch
	"$MATR" --store "$STORE" inspect --json "$2" >refused.json 2>&1 || true
	grep -q "\"reason\":.*\"name\": *\"$1\"" refused.json ||
		{ head -c 2000 refused.json >&2; fail "$2 is not refused for $1"; }
}
