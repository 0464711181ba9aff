#!/bin/bash
# enable and disable keep mode, owner, time of modification, extended attributes, file capabilities, hard links.
. "$(dirname "$0")/system.sh"
needs_root
needs setfattr getfattr setcap getcap
short_shim
plain tool <<<'int main(void) { return 0; }'
chmod 0751 tool
chown 1234:4321 tool
setfattr -n user.test -v value tool 2>/dev/null || skip "no extended attributes here"
touch -d '2001-02-03 04:05:06.789012345' tool
facts() { stat -c '%a %u:%g %y %s %h' "$1"; getfattr -d -m- --absolute-names "$1" 2>/dev/null; getcap "$1"; }
facts tool >want
same_facts() { facts tool >got; same "$1" want got; }
run_status 0 matr enable --interpreter "$SHIM" tool
same_facts 'enabled'
run_status 0 matr disable tool
same_facts 'disabled'
ln tool other
facts tool >want
run_status 0 matr enable --interpreter "$SHIM" tool
same_facts 'enabled, two links'
[ tool -ef other ] || fail "two files now"
./other
run_status 0 matr disable other
same_facts 'disabled, two links'
[ tool -ef other ] || fail "two files now"
rm other
setcap cap_net_bind_service=+ep tool
touch -d '2001-02-03 04:05:06.789012345' tool
facts tool >want
run_status 1 matr enable --interpreter "$SHIM" tool
has file-capabilities err
run_status 0 matr enable --force --interpreter "$SHIM" tool
same_facts 'enabled, capabilities'
run_status 0 matr disable tool
same_facts 'disabled, capabilities'
