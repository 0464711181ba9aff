#!/bin/bash
# A program that has less to win than asked for gets no image; its stock path is right.
. "$(dirname "$0")/system.sh"
needs jq
fixture
run_status 0 matr --json epoch begin --least 300 ./main
jq -e '.eligible == 1 and .published == 0' out >/dev/null || { cat out >&2; fail "counts"; }
EPOCH=begun
falls no-image ./main <main.expected
refused not-worthwhile ./main
run_status 0 matr --json epoch begin --all ./main
jq -e '.eligible == 1 and .published == 1' out >/dev/null || { cat out >&2; fail "counts"; }
fast ./main <main.expected
