#!/bin/bash
# A library deleted since the epoch: stock's message and status.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
rm libtwo.so
run_into stock.out ./main.stock
sed -i 's|\./main\.stock|./main|' stock.out
has 'libtwo.so: cannot open shared object file: No such file' stock.out
has 'exit 127' stock.out
right ./main <stock.out
