#!/bin/bash
# The same ld.so.cache in another file, as every ldconfig leaves it: nothing is resolved, but images know the new file.
. "$(dirname "$0")/system.sh"
needs jq
private_mounts
fixture
[ -f /etc/ld.so.cache ] || skip "no ld.so.cache"
cp -a /etc etc
mount --bind etc /etc
again() { cp /etc/ld.so.cache /etc/new && mv /etc/new /etc/ld.so.cache; }
begin() { run_status 0 matr --json epoch begin --all ./main; EPOCH=begun; }
begin
fast ./main <main.expected
again
falls cache-changed ./main <main.expected
begin
[ "$(jq -c '[.resolved, .unchanged]' out)" = '[0,false]' ] || { cat out >&2; fail "after a cache with the same content"; }
fast ./main <main.expected
begin
[ "$(jq .unchanged out)" = true ] || fail "not unchanged"
mkdir more && RPATH='' lib more/libmore.so <<<'int more;'
echo "$FOLDER/more" >/etc/ld.so.conf.d/matr-test.conf
/sbin/ldconfig -X
falls cache-changed ./main <main.expected
begin
[ "$(jq -c '[.resolved, .unchanged]' out)" = '[0,false]' ] || { cat out >&2; fail "after a cache with one name more"; }
fast ./main <main.expected
