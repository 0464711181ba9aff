#!/bin/bash
# What cannot be enabled is left alone, with a reason, and the exit status says so.
. "$(dirname "$0")/system.sh"
needs patchelf
short_shim
plain good <<<'int main(void) { return 0; }'
lib libone.so <<<'int one(void) { return 1; }'
echo text >text
: >empty
head -c 100 good >cut
echo 'int main(void) { return 0; }' | gcc -static -x c - -o static
cp good setid && chmod u+s setid
cp good other && patchelf --set-interpreter /lib/ld-other.so.1 other
cp /lib64/ld-linux-x86-64.so.2 loader
enable() { matr enable --interpreter "$SHIM" "$@"; }
left_alone() { # REASON FILE
	cp -p "$2" before
	run_status 1 enable "$2"
	has "$1" err
	cmp "$2" before || fail "$2 has changed"
	run_status 1 enable --json "$2"
	grep -q "\"reason\": *\"$1\"" out || { cat out err >&2; fail "$2: JSON"; }
}
left_alone not-elf text
left_alone not-elf empty
left_alone malformed cut
left_alone static static
left_alone set-id setid
left_alone other-interpreter other
left_alone not-program libone.so
left_alone not-program loader
run_status 1 enable nowhere
run_status 1 enable .
run_status 0 enable good
run_status 0 enable good # already
has 'already' out
run_status 1 enable text good static # goes on behind a failure
run_status 0 matr disable good
run_status 0 matr disable good
has 'not enabled' out
