#!/bin/bash
# System mode in a root, its loader a link or a file: every program starts through the shim, fast with an epoch; off again, nothing is left.
. "$(dirname "$0")/system.sh"
needs_root
needs jq
[ -z "${STOCK-}" ] || skip "there is no matr"
prepare() {
	rm -rf "$ROOT"
	small_root "$1" true sh cat ls env
	cp -p "$ROOT/usr/bin/ls" "$ROOT/usr/bin/set-id"
	chmod 4755 "$ROOT/usr/bin/set-id"
}
listing() { (cd "$ROOT" && find . -path ./var -prune -o -printf '%p %y %m %s %l %T@\n' | grep -v '^\./\(usr/\)\?lib64 ' | sort); }
ROOT=
for kind in link file; do
	prepare $kind
	listing >before
	run_status 3 matr system status --root "$ROOT"
	run_status 0 matr system enable --root "$ROOT"
	run_status 0 matr --json system status --root "$ROOT"
	[ "$(jq -r '.state+.link' out)" = onshim ] || fail "$kind: $(cat out)"
	run_status 0 inside /bin/sh -c 'echo $((6 * 7)); exec cat /etc/passwd'
	expect out <<<$'42\nroot:x:0:0::/:'
	run_status 127 inside env LD_MATR_REQUIRE=1 true
	has 'no-epoch' err
	mkdir -p "$ROOT/var/lib/matr"
	"$MATR" --store "$ROOT/var/lib/matr" -q epoch begin --local --root "$ROOT" --all /usr/bin
	for c in true 'cat /etc/passwd' "sh -c cat</etc/passwd"; do
		# shellcheck disable=SC2086 # several words
		run_status 0 inside env LD_MATR_REQUIRE=1 $c
	done
	expect out <<<root:x:0:0::/:
	run_status 0 inside env LD_MATR_DEBUG=1 LD_MATR_REQUIRE=1 ls /etc
	grep -q 'epoch 1$' err || fail "not the fast path"
	run_status 127 inside env LD_MATR_REQUIRE=1 LD_LIBRARY_PATH=/nonexistent true
	run_status 0 inside env LD_LIBRARY_PATH=/nonexistent set-id -d /etc
	expect out <<</etc
	run_status 0 inside /lib64/ld-linux-x86-64.so.2 --verify /bin/true
	run_status 0 matr system enable --root "$ROOT"
	run_status 0 matr system disable --root "$ROOT"
	listing >after
	same "$kind: what is left" before after
	run_status 3 matr system status --root "$ROOT"
	run_status 0 matr system disable --root "$ROOT"
	run_status 0 inside cat /etc/passwd
done
