#!/bin/bash
# An unchanged epoch resolves nothing again; after one change only the programs that it concerns.
. "$(dirname "$0")/system.sh"
needs jq
fixture
other_program
resolved() { run_status 0 matr --json epoch begin --all "$@" ./main ./other; jq -r '.resolved' out; }
[ "$(resolved)" = 2 ] || { cat out >&2; fail "the first epoch did not resolve two programs"; }
EPOCH=begun
fast ./main <main.expected
[ "$(resolved)" = 0 ] || { cat out >&2; fail "an unchanged epoch resolves again"; }
fast ./main <main.expected
fast ./other <<<'three 3'
touch libthree.so
[ "$(resolved)" = 1 ] || { cat out >&2; fail "more or less than one program"; }
fast ./main <main.expected
fast ./other <<<'three 3'
lib libthree.so <<<'int three(void) { return 33; }'
[ "$(resolved)" = 1 ] || { cat out >&2; fail "more or less than one program"; }
fast ./other <<<'three 33'
[ "$(resolved --force)" = 2 ] || { cat out >&2; fail "--force does not resolve all"; }
fast ./main <main.expected
