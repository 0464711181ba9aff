#!/bin/bash
# Where namespaces are forbidden, matr exec says what to do instead, and runs nothing.
. "$(dirname "$0")/system.sh"
tool deny_namespaces
plain tool <<'C'
#include <stdio.h>
int main(void) { puts("ran"); return 0; }
C
mkdir mine
forbidden() {
	run_status 126 "$@" ./deny_namespaces "$BUILD/matr" --store "$FOLDER/mine" exec ./tool
	lacks ran out
	grep -qi namespace err || { cat err >&2; fail "does not name namespaces"; }
	grep -qE 'matr enable|as root|--dynamic-linker' err || { cat err >&2; fail "says no way out"; }
}
forbidden env
if [ "$(id -u)" = 0 ] && as_user test -x "$BUILD/matr"; then
	chown 1234 mine
	forbidden setpriv --reuid=1234 --regid=1234 --clear-groups
fi
