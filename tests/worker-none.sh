#!/bin/bash
# Where no process can be made, or system calls cannot be filtered, programs are resolved all the same, and it is said.
. "$(dirname "$0")/system.sh"
needs strace
fixture
cripple() { ASAN_OPTIONS=detect_leaks=0 strace -f -qqq -o /dev/null -e "trace=$1" -e "inject=$1:$2" "$MATR" --store "$STORE" epoch begin --here --all --force . >out 2>err; }
cripple clone error=EAGAIN || { cat err >&2; fail "no epoch without processes"; }
has 'matr: note: files were read not in processes of their own' err
EPOCH=begun
fast ./main <main.expected
cripple seccomp error=EINVAL || { cat err >&2; fail "no epoch without a filter"; }
has 'matr: note: files were read with less of a sandbox than there should be: system calls not filtered' err
fast ./main <main.expected
run_status 0 matr epoch begin --here --all --force .
lacks note: err
