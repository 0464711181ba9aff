#!/bin/bash
# LD_MATR_DISABLE=1 takes the stock path, whatever else is set.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
falls disabled LD_MATR_DISABLE=1 ./main <main.expected
falls disabled LD_MATR_DISABLE=1 LD_BIND_NOW=1 ./main <main.expected
run_into out LD_MATR_DISABLE=1 LD_MATR_STORE="$STORE" ./main
expect out <main.expected
strace -V >/dev/null 2>&1 || exit 0
LD_MATR_DISABLE=1 LD_MATR_STORE=$STORE strace -o log ./main >out
expect out <main.expected
lacks "$STORE" <(grep -v execve log)
