#!/bin/bash
# A library is deleted during start: stock's message; deleted once it is open: no difference.
. "$(dirname "$0")/system.sh"
tool at_open
fixture
cp -p libtwo.so keep.so
fast ./main <main.expected
run_into stock.out ./at_open before /libtwo.so 'rm libtwo.so' ./main.stock
sed -i 's|\./main\.stock|./main|' stock.out
has 'libtwo.so: cannot open shared object file' stock.out
ln keep.so libtwo.so
epoch
right ./at_open before /libtwo.so 'rm libtwo.so' ./main <stock.out
ln keep.so libtwo.so
epoch
run_into out LD_MATR_DEBUG=1 LD_MATR_STORE="$STORE" ./at_open after /libone.so 'rm libtwo.so; ln keep.so libtwo.so' ./main
grep -v '^matr: ' out >plain.out
expect plain.out <main.expected
