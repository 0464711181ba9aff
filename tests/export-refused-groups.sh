#!/bin/bash
# Programs that one library refuses are one entry of the import's report; --verbose lists each, JSON too.
. "$(dirname "$0")/export.sh"
fixture
lib libfour.so <<<'int four(void) { return 4; }'
plain p4 libfour.so <<<'extern int four(void); int main(void) { return four() - 4; }'
for i in 1 2 3; do
	plain "p$i" libone.so <<<"extern int one(void); int main(void) { return one() - $i; }"
done
epoch ./p1 ./p2 ./p3 ./p4
run_status 0 matr epoch export layout
lib libone.so <<<'int more; int one(void) { return 1; } int other(void) { return more; }'
run_status 0 other_store grouped epoch import --all layout
has "and 2 more for the same reason" out
[ "$(grep -c refused: out)" = 1 ] || fail "not one entry"
run_status 0 other_store listed epoch import --all --verbose layout
[ "$(grep -c refused: out)" = 3 ] || fail "not every program is listed"
import_into json layout
jq -e '.refused | length == 3' import.json >/dev/null || fail "JSON leaves something out"
