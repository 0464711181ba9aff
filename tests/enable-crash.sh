#!/bin/bash
# kill -9 at any moment of enable or disable: the program is the old one or the enabled one, and disable restores it.
. "$(dirname "$0")/system.sh"
needs strace
short_shim
plain tool <<<'int main(void) { return 7; }'
cp -p tool before
matr enable --interpreter "$SHIM" tool
cp -p tool after
matr disable tool
for action in enable disable; do
	strace -f -o calls "$MATR" --store "$STORE" enable --interpreter "$SHIM" tool >/dev/null
	for call in pwrite64 write rename renameat renameat2 fsync link linkat unlink ftruncate copy_file_range fchmod fchown utimensat; do
		n=$(grep -cE "^[0-9]+ +$call\(" calls || true)
		for at in $(seq "$n"); do
			[ $action = enable ] || matr -q enable --interpreter "$SHIM" tool
			arguments=(tool)
			[ $action = disable ] || arguments=(--interpreter "$SHIM" tool)
			{ strace -f -o /dev/null -e "inject=$call:signal=KILL:when=$at" \
				"$MATR" --store "$STORE" $action "${arguments[@]}" || true; } >/dev/null 2>&1
			cmp -s tool before || cmp -s tool after || fail "$action, $call $at: neither old nor new"
			run_status 7 ./tool
			run_status 0 matr disable tool
			cmp tool before || fail "$action, $call $at: disable does not restore"
		done
	done
done
