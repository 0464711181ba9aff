#!/bin/bash
# matr verify says why it skips a program, and that a program is not covered by the epoch.
. "$(dirname "$0")/system.sh"
needs jq
fixture
cp main.stock setid
chmod u+s setid
epoch ./main ./setid
run_status 0 matr --json verify ./main ./setid
jq -se '.[-1].summary | .same == 1 and .skipped == 1 and .reasons["set-id"] == 1' out >/dev/null || { cat out >&2; fail "counts"; }
run_status 1 matr verify ./nowhere
has nowhere err
