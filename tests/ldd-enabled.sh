#!/bin/bash
# ldd of an enabled program lists the same libraries at the same places as of the stock one.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
list() { ldd "$1" | sed 's/ (0x[0-9a-f]*)$//; s|/[^ ]*/ld-[a-z0-9.-]*\.so\.[0-9]|LOADER|g; s|LOADER => LOADER|LOADER|'; }
list ./main.stock >stock.out
has "libone.so => $FOLDER/libone.so" stock.out
has "libtwo.so => $FOLDER/libtwo.so" stock.out
has LOADER stock.out
list ./main | expect stock.out
LD_MATR_STORE=$STORE list ./main | expect stock.out
