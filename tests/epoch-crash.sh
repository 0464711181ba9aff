#!/bin/bash
# kill -9 at any moment of `epoch begin`: `current` names a whole epoch, old or new, and the next one succeeds.
. "$(dirname "$0")/system.sh"
needs strace
fixture
fast ./main <main.expected
begin() { touch libtwo.so; "$MATR" --store "$STORE" -q epoch begin --all ./main; }
strace -f -o calls "$MATR" --store "$STORE" -q epoch begin --all --force ./main >/dev/null 2>&1
for call in openat pwrite64 write fsync fdatasync rename renameat renameat2 symlink symlinkat mkdirat fallocate msync; do
	n=$(grep -cE "^[0-9]+ +$call\(" calls || true)
	[ "$n" -gt 0 ] || continue
	for at in 1 $((n / 3 + 1)) $((2 * n / 3 + 1)) $n; do
		touch libtwo.so
		strace -f -o /dev/null -e "inject=$call:signal=KILL:when=$at" \
			"$MATR" --store "$STORE" -q epoch begin --all --force ./main >/dev/null 2>&1 || true
		if [ -e "$STORE/current" ]; then
			[ -s "$STORE/current/pages" ] || fail "$call $at: current is not whole"
			right ./main <main.expected
			case $PATH_TAKEN in fast | library-changed) ;; *) cat debug.out >&2; fail "$call $at: $PATH_TAKEN" ;; esac
		else
			fail "$call $at: current has gone"
		fi
	done
	begin || fail "$call: the next epoch fails"
	fast ./main <main.expected
done
find "$STORE" -name '*.tmp*' >leftovers
expect leftovers </dev/null
