#!/bin/bash
# A library is replaced during start, before ld.so opens it or right behind: the old or the new one, never a mix.
. "$(dirname "$0")/system.sh"
tool at_open
fixture
mkdir new
(cd new && RPATH='' lib libone.so <<<'int one_calls; int one(void) { one_calls++; return 5; }')
cp -p libone.so old.so
fast ./main <main.expected
printf 'one 5\ntwo 10\ncalls 3\n' >five.expected
falls library-changed ./at_open before /libone.so 'cp -p new/libone.so copy && mv copy libone.so' ./main <five.expected
cp -p old.so copy && mv copy libone.so
epoch
fast ./main <main.expected
run_into out LD_MATR_STORE="$STORE" ./at_open after /libone.so 'cp -p new/libone.so copy && mv copy libone.so' ./main
cmp -s out main.expected || expect out <five.expected
cp -p old.so copy && mv copy libone.so
epoch
# The last library of ours changes when the first is already in place.
falls library-changed ./at_open before /libtwo.so 'touch libtwo.so' ./main <main.expected
