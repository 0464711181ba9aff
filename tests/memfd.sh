#!/bin/bash
# A program that lies in a memfd only (fexecve) runs right, on the fast path or not.
. "$(dirname "$0")/system.sh"
fixture
tool run_memory
fast ./main <main.expected
run_into stock.out ./run_memory ./main.stock
expect stock.out <main.expected
right ./run_memory ./main <main.expected
case ${STOCK:+fast}$PATH_TAKEN in fast | no-image | program-changed | no-proc) ;; *) fail "path $PATH_TAKEN" ;; esac
