#!/bin/bash
# begin --check tells what would break and exits with 3, also to another user; the store stays as it is.
. "$(dirname "$0")/system.sh"
needs jq
fixture
bytes() { find "$STORE" -type f ! -name cache.mdb-lock ! -name lock -printf '%p %i %m %T@ ' -exec sha256sum {} + | sort; readlink "$STORE/current"; find "$STORE" | sort; }
run_status 0 matr epoch begin --check ./main
has 'there is no epoch to compare with' out
[ ! -e "$STORE" ] || fail "--check makes a store"
run_status 0 matr epoch begin --all ./main
bytes >before
run_status 0 matr epoch begin --check --all ./main
has 'nothing has changed since epoch 1' out
lib libtwo.so <<<'extern int one(void); int two(void) { return one() + 2; }'
run_status 0 matr epoch begin --check --all ./main
has 'since epoch 1: nothing broke' out
mv libone.so kept.so
run_status 3 matr epoch begin --check --all ./main
has 'libone.so (library-missing)' out
if [ "$(id -u)" = 0 ]; then
	run_status 3 as_user "$MATR" --store "$STORE" epoch begin --check --all ./main
	has 'libone.so (library-missing)' out
fi
run_status 3 matr epoch begin --check --json --all "$FOLDER/main"
jq -e '.check and .schema == 1 and .preflight.totals.broken == 1 and .failures[0].reason == "library-missing"' out >/dev/null ||
	{ cat out >&2; fail "the JSON is not as expected"; }
bytes >after
same store before after
mv kept.so libone.so
run_status 0 matr epoch begin --check --all ./main
