#!/bin/bash
# DT_RELR without the version GLIBC_ABI_DT_RELR: glibc refuses to start it, and MatR knows.
. "$(dirname "$0")/lib.sh"
needs ld.lld

LD=lld lib liba.so -Wl,--pack-dyn-relocs=relr <<'E'
int value = 5;
int *pointer = &value;
E
readelf -dW liba.so | grep -q RELR || skip "lld packs nothing"
readelf -VW liba.so | grep -q GLIBC_ABI_DT_RELR && skip "lld sets the marker by itself"
prog p -fPIC liba.so <<'E'
extern int *pointer;
int main(void) { return *pointer; }
E
run_into expected ./p.stock
grep -q 'DT_RELR without' expected || skip "libc does not insist"
stock_only no-image ./p <<E
./p: error while loading shared libraries: $FOLDER/liba.so: DT_RELR without GLIBC_ABI_DT_RELR dependency
exit 127
E
refused relr-marker ./p
