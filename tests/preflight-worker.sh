#!/bin/bash
# A worker that sorts before the engine has sorted anything may do so: glibc's qsort looks at the memory there is.
. "$(dirname "$0")/system.sh"
needs jq
CC=g++ prog main <<'C'
#include <iostream>
int main() { std::cout << "many unique symbols\n"; }
C
run_status 0 matr --json epoch begin --check --all ./main
jq -e '.programs == 1 and .ineligible == {} and .failures == []' out >/dev/null || { cat out >&2; fail "it is refused"; }
