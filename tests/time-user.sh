#!/bin/bash
# matr time for an ordinary user, with the user's own store; and where namespaces are forbidden: stock alone.
. "$(dirname "$0")/system.sh"
needs_root
needs jq
as_user test -x "$BUILD/matr" || skip "$BUILD is not open to other users"
ordinary() { setpriv --reuid=1234 --regid=1234 --clear-groups "$@"; }
ordinary unshare -U -m true 2>/dev/null || skip "no user namespaces for ordinary users"
tool deny_namespaces
plain tool <<<'int main(void) { return 0; }'
mkdir -m 777 mine
run_status 0 ordinary "$BUILD/matr" --store mine/store epoch begin --all ./tool
run_status 0 ordinary "$BUILD/matr" --store mine/store --json time --rounds 1 ./tool
jq -e '.epoch == 1 and .variants.matr.nsec > 0' out >/dev/null || { cat out >&2; fail "not through the user's epoch"; }
run_status 0 ordinary ./deny_namespaces "$BUILD/matr" --store mine/store --json time --rounds 1 ./tool
jq -e '.variants.lazy.nsec > 0 and (.variants.matr.not_timed | test("namespace")) and .epoch == null' out >/dev/null || { cat out >&2; fail "namespaces"; }
