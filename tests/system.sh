# shellcheck shell=bash
# tests/system.sh - for the cases about a running system; sources lib.sh
#
#	fixture                          libone.so, libtwo.so, ./main and main.expected
#	other_program                    libthree.so and ./other, which says "three 3"
#	fast [VAR=VALUE...] COMMAND      with MatR required; output as standard input says
#	falls REASON [VAR=VALUE...] COMMAND
#	                                 the shim takes the stock path for that reason
#	right [VAR=VALUE...] COMMAND     with the shim, whatever path it takes; says which in $PATH_TAKEN
#	matr ARG...                      the command, on the case's store
#	run_status N COMMAND...          it exits with N; its output is in out and err
#	tool NAME...                     build tests/tools/NAME.c into the case's folder
#	needs_root                       skip the case for an ordinary user
#	private_mounts                   start the case again in its own mount namespace
#	private_processes                also in its own process namespace
#	public_shim                      a shim that every user can reach
#	short_shim                       a shim whose path fits where the system loader's stood
#	plain NAME                       build a stock program, as `prog` does: for enable and exec
#	as_user COMMAND...               run it as nobody
#	small_root KIND PROGRAM...       a root to chroot into: $ROOT, $LINK, inside COMMAND...
#	the_image                        path of the only image of the current epoch
#	has TEXT FILE, lacks TEXT FILE   the file contains the text, or not
#
# A case that shows how MatR deals with trouble shows first that the fast path
# works without it: otherwise it could pass for the wrong reason.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# STOCK=1: try the cases themselves where there is no shim yet
if [ -n "${STOCK-}" ]; then
	SHIM=/lib64/ld-linux-x86-64.so.2
	epoch() { :; }
fi

fixture() {
	lib libone.so <<-'C'
		int one_calls;
		int one(void) { return 1 + 0 * one_calls++; }
	C
	lib libtwo.so <<-'C'
		extern int one_calls, one(void);
		int *count = &one_calls;
		int two(void) { return one() + one(); }
	C
	prog main libone.so libtwo.so "$@" <<-'C'
		#include <stdio.h>
		extern int one_calls, one(void), two(void);
		int main(int argc, char **argv)
		{
			printf("one %d\n", one());
			printf("two %d\n", two());
			printf("calls %d\n", one_calls);
			return argc - 1;
		}
	C
	printf 'one 1\ntwo 2\ncalls 3\n' >main.expected
}

other_program() {
	lib libthree.so <<<'int three(void) { return 3; }'
	prog other libthree.so <<-'C'
		#include <stdio.h>
		extern int three(void);
		int main(void) { printf("three %d\n", three()); return 0; }
	C
}

has() { grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "$2 does not have: $1"; }; }
lacks() { ! grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "$2 has: $1"; }; }

fast() {
	cat >expected.out
	[ -n "$EPOCH" ] || epoch
	run_into fast.out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" "$@"
	local what="MatR: $*"
	same "${what:0:200}" expected.out fast.out
}

right() {
	cat >expected.out
	[ -n "$EPOCH" ] || epoch
	run_into debug.out LD_MATR_DEBUG=1 LD_MATR_STORE="$STORE" "$@"
	grep -v '^matr: ' debug.out >actual.out || true
	local what="$*"
	same "${what:0:200}" expected.out actual.out
	PATH_TAKEN=$(sed -n 's/^matr: .*: stock path: \([a-z-]*\): .*/\1/p; s/^matr: .*: epoch [0-9]*$/fast/p' debug.out | sort -u)
}

falls() {
	local reason=$1
	shift
	right "$@"
	[ -z "${STOCK-}" ] || return 0
	[ "$PATH_TAKEN" = "$reason" ] || { cat debug.out >&2; fail "$*: wanted the stock path for $reason, got ${PATH_TAKEN:-no word}"; }
}

matr() { "$MATR" --store "$STORE" "$@"; }

run_status() {
	local want=$1 got=0
	shift
	"$@" >out 2>err </dev/null || got=$?
	[ "$got" = "$want" ] || { cat out err >&2; fail "exit $got instead of $want: $*"; }
}

tool() {
	local t
	for t; do
		gcc -O1 -g -w -I"$TOP" -D_GNU_SOURCE -o "$t" "$TESTS/tools/$t.c" "$TOP/image/hash.c" "$TOP/image/image.c" ||
			fail "cannot build the tool $t"
	done
}

needs_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }

private_processes() { private_mounts -p -f --mount-proc --kill-child; }

private_mounts() {
	if [ -n "${IN_PRIVATE_MOUNTS-}" ]; then
		on_exit() {
			cd /
			[ -e /proc/self ] || umount /proc
			sed -n "s|^[^ ]* \($FOLDER/[^ ]*\) .*|\1|p" /proc/self/mounts 2>/dev/null | xargs -r umount -l
			rm -rf "$FOLDER"
		}
		return 0
	fi
	needs_root
	unshare -m "$@" true 2>/dev/null || skip "no namespaces"
	cd / && rm -rf "$FOLDER"
	IN_PRIVATE_MOUNTS=1 exec unshare -m --propagation private "$@" "$TESTS/$CASE.sh"
}

public_shim() {
	[ -z "${STOCK-}" ] || return 0
	cp "$SHIM" "$FOLDER/ld-matr.so.1"
	SHIM=$FOLDER/ld-matr.so.1
}

short_shim() {
	SHORT=$(mktemp -d /tmp/m.XXXX)
	chmod 755 "$SHORT"
	trap 'rm -rf "$SHORT"; on_exit' EXIT
	cp "$SHIM" "$SHORT/ld-matr.so.1"
	SHIM=$SHORT/ld-matr.so.1
}

plain() {
	compile "$@"
	PROGRAMS+=("$1")
	EPOCH=
}

as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"; }

the_image() { find "$STORE/current/prog/" -type f | head -n 1; }

# small_root link|file PROGRAM...: $ROOT, a system with these programs and the shim.  Its loader is
# a link as Debian has it (and /lib64 one to usr/lib64), or the file itself.  $LINK is the loader's
# name from outside.  inside COMMAND... runs there.
small_root() {
	local kind=$1 loader=/lib64/ld-linux-x86-64.so.2 f
	shift
	ROOT=$FOLDER/root
	LINK=$ROOT$loader
	mkdir -p "$ROOT"/{etc,usr/bin,usr/lib/x86_64-linux-gnu,usr/lib64,var/lib,dev,proc,tmp}
	chmod 1777 "$ROOT/tmp"
	ln -s usr/bin "$ROOT/bin"
	ln -s usr/lib "$ROOT/lib"
	echo root:x:0:0::/: >"$ROOT/etc/passwd"
	if [ "$kind" = link ]; then
		ln -s usr/lib64 "$ROOT/lib64"
		cp -Lp $loader "$ROOT/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
		ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$LINK"
	else
		rmdir "$ROOT/usr/lib64"
		mkdir "$ROOT/lib64"
		cp -Lp $loader "$LINK"
	fi
	cp "$SHIM" "$ROOT/lib64/ld-matr.so.1"
	for f; do cp -Lp "$(type -P "$f")" "$ROOT/usr/bin/"; done
	for f; do ldd "$(type -P "$f")"; done | sed -n 's/.* => \(\/[^ ]*\).*/\1/p' | sort -u |
		while read -r f; do cp -Lp "$f" "$ROOT/usr/lib/x86_64-linux-gnu/"; done
	printf '%s\n' /lib/x86_64-linux-gnu >"$ROOT/etc/ld.so.conf"
	ldconfig -r "$ROOT" 2>/dev/null || true
}
inside() { chroot "$ROOT" "$@"; }
