#!/bin/bash
# kill -9 at any step of matr system enable and disable: programs start, and disable leaves nothing.
. "$(dirname "$0")/system.sh"
needs_root
needs strace
[ -z "${STOCK-}" ] || skip "there is no matr"
small_root "${KIND:-link}" true cat
ls -l "$ROOT/lib64/ld-linux-x86-64.so.2" >before
calls=renameat,renameat2,unlinkat,symlinkat,mkdirat,fsync,fchmod,rename
for action in enable disable; do
	on() { [ $action = enable ] || matr -q system enable --root "$ROOT"; }
	on
	strace -o calls -e trace=$calls "$MATR" --store "$STORE" system $action --root "$ROOT" >/dev/null
	for call in ${calls//,/ }; do
		n=$(grep -cE "^$call\(" calls || true)
		for at in $(seq "$n"); do
			matr -q system disable --root "$ROOT"
			on
			{ strace -o /dev/null -e "inject=$call:signal=KILL:when=$at" \
				"$MATR" --store "$STORE" system $action --root "$ROOT" || true; } >/dev/null 2>&1
			run_status 0 inside cat /etc/passwd
			expect out <<<root:x:0:0::/:
			run_status 0 matr system disable --root "$ROOT"
			run_status 0 inside cat /etc/passwd
			ls -l "$ROOT/lib64/ld-linux-x86-64.so.2" >after
			same "$action, $call $at" before after
			ls "$ROOT/lib64/" >names
			expect names <<<$'ld-linux-x86-64.so.2\nld-matr.so.1'
		done
	done
done
