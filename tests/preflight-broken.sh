#!/bin/bash
# An epoch tells which programs would no longer start, of what, and which start again.
. "$(dirname "$0")/system.sh"
needs jq
fixture
other_program
begin() { run_status 0 matr epoch begin --all ./main ./other "$@"; }
begin
lacks 'since epoch' out
begin
lacks 'since epoch' out
mv libthree.so kept.so
begin
has 'since epoch 1: 1 program broke' out
has "libthree.so (library-missing); was $FOLDER/libthree.so" out
has "$FOLDER/other" out
lacks "$FOLDER/main" out
lib libtwo.so <<<'int unrelated;'
run_status 0 matr --json epoch begin --all ./main ./other
jq -e '.preflight | .against == 2 and .totals.broken == 0 and .totals.call_fails == 1 and
	.findings[0].symbols == ["two"] and .findings[0].kind == "call-fails"' out >/dev/null ||
	{ cat out >&2; fail "a call without provider is not told"; }
mv kept.so libthree.so
lib libtwo.so <<<'extern int one_calls, one(void), gone; int *count = &one_calls, *there = &gone; int two(void) { return 2; }'
begin --verbose
has '1 program broke, 1 program repaired' out
has "gone (symbol-missing), needed by $FOLDER/libtwo.so" out
has 'start again' out
run_status 0 matr epoch list
