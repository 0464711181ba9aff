#!/bin/bash
# A tracer sees one execve, on the fast path and where the shim starts again.
. "$(dirname "$0")/system.sh"
needs strace
fixture
fast ./main <main.expected
execs() { grep -cE '(execve|execveat)\(' "$1" || true; }
run_into out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" strace -f -e trace=execve,execveat -o log ./main
expect out <main.expected
[ "$(execs log)" = 1 ] || { cat log >&2; fail "not one exec"; }
lacks 'SIGTRAP' log
cp -p libtwo.so other && mv other libtwo.so
falls library-changed strace -f -e trace=execve,execveat -o log ./main <main.expected
[ "$(execs log)" = 1 ] || { cat log >&2; fail "not one exec"; }
