#!/bin/bash
# System mode when packages change what it stands on: programs start at once, and refresh puts it right.
. "$(dirname "$0")/system.sh"
needs_root
needs jq
[ -z "${STOCK-}" ] || skip "there is no matr"
small_root link true sh cat
real=$ROOT/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
starts() { run_status 0 inside cat /etc/passwd; expect out <<<root:x:0:0::/:; }
state() { run_status "${2:-0}" matr --json system status --root "$ROOT"; [ "$(jq -r .state out)" = "$1" ] || { cat out >&2; fail "not $1"; }; }
refreshed() {
	state stale
	run_status 0 matr system refresh --root "$ROOT"
	state on
	starts
}
run_status 0 matr system refresh --root "$ROOT"
state off 3
matr -q system enable --root "$ROOT"
state on
stat -c %i "$LINK" >inode
run_status 0 matr system refresh --root "$ROOT"
stat -c %i "$LINK" >inode.now
same "nothing to do" inode inode.now
# Another loader, as an upgrade brings it: a new file of that name.
cp -p "$real" new && mv new "$real"
starts
refreshed
# The package's own link comes back.
ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 new && mv -T new "$LINK"
starts
refreshed
# What was kept is gone.
rm "$ROOT/lib64/matr-stock-loader"
starts
refreshed
# Another shim; then one that does not work: back to the loader's own link.
cp "$ROOT/lib64/ld-matr.so.1" shim
poke "$ROOT/lib64/ld-matr.so.1" "$(readelf -h shim | sed -n 's/.*Entry point address: *//p')" '\x0f\x0b'
state stale
starts
run_status 1 matr system refresh --root "$ROOT"
has 'system mode is off now' err
state off 3
starts
