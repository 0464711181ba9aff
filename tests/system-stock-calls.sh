#!/bin/bash
# System mode without an epoch: one look at the installed loader, then the copy that the kernel mapped is entered; another loader is mapped.
. "$(dirname "$0")/system.sh"
needs_root
needs strace
[ -z "${STOCK-}" ] || skip "there is no matr"
small_root link cat
matr -q system enable --root "$ROOT"
calls() {
	strace -o log chroot "$ROOT" /bin/cat /etc/passwd >out
	expect out <<<root:x:0:0::/:
	grep -A 2 'openat.*ld-linux-x86-64\.so\.2' log | sed -E 's/\(.*//; s/newfstatat/fstat/' | paste -sd ' ' >looked
}
calls
expect looked <<<'openat fstat close'
touch "$ROOT/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
calls
has 'openat read mmap' looked
matr -q system refresh --root "$ROOT"
calls
expect looked <<<'openat fstat close'
