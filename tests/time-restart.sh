#!/bin/bash
# matr time where the shim begins anew: all phases are there, and the reason is told.
. "$(dirname "$0")/system.sh"
needs_root
needs jq
unshare -m true 2>/dev/null || skip "no mount namespaces"
fixture
epoch ./main
touch libtwo.so
run_status 0 matr --json time --rounds 1 --until exit ./main
jq -e '.reason.name == "library-changed" and .epoch == null and .same_end and
	([.variants.matr.phases[] | . != null] | all)' out >/dev/null || { cat out >&2; fail "restart"; }
# A library has become a link to another one: the exec itself is repeated.
lib libtwo.so <<<'int one_calls; int one(void) { return 1; } int *count = &one_calls; int two(void) { return 2; }'
epoch ./main
rm libone.so
ln -s libtwo.so libone.so
run_status 0 matr --json time --rounds 1 ./main
jq -e '.reason != null and .epoch == null and .variants.matr.phases.shim.nsec > 0' out >/dev/null || { cat out >&2; fail "repeated exec"; }
