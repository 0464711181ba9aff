#!/bin/bash
# Where namespaces are forbidden, matr exec says what to do instead, and runs nothing.
. "$(dirname "$0")/system.sh"
needs_root
as_user test -x "$BUILD/matr" || skip "$BUILD is not open to other users"
plain tool <<<'#include <stdio.h>
int main(void) { puts("ran"); return 0; }'
mkdir -m 777 mine
[ -w /proc/sys/user/max_user_namespaces ] || skip "no limit of user namespaces"
# A user namespace of our own with a limit of 0 leaves the system alone.
run_into out unshare -U -r bash -c "echo 0 >/proc/sys/user/max_user_namespaces &&
	echo 0 >/proc/sys/user/max_mnt_namespaces && exec '$BUILD/matr' --store $FOLDER/mine exec ./tool"
lacks ran out
has 'exit 126' out
grep -qiE 'namespace' out || { cat out >&2; fail "does not name namespaces"; }
grep -qE 'matr enable|as root|--dynamic-linker' out || { cat out >&2; fail "says no way out"; }
