#!/bin/bash
# epoch begin reports counts, reasons and programs that would not start; one bad file does not stop it.
. "$(dirname "$0")/system.sh"
needs jq
fixture
lib libgone.so <<<'int gone(void) { return 1; }'
prog broken libgone.so <<<'extern int gone(void); int main(void) { return gone(); }'
rm libgone.so
echo text >text && chmod +x text
run_status 0 matr --json epoch begin --all ./main ./broken
jq -e '.schema == 1 and .epoch == 1 and .programs == 2 and .eligible == 1' out >/dev/null || { cat out >&2; fail "counts"; }
jq -e '.ineligible["library-missing"] == 1' out >/dev/null || { cat out >&2; fail "reasons"; }
run_status 0 matr epoch begin --all --force ./main ./broken
grep -qE 'broken.*libgone\.so|libgone\.so.*broken' <(cat out err) || { cat out err >&2; fail "does not name what would not start"; }
EPOCH=begun
fast ./main <main.expected
refused library-missing ./broken
run_status 1 matr epoch begin --all ./nowhere
has nowhere err
fast ./main <main.expected # the old epoch stays
