#!/bin/bash
# The store lists what is enabled; disable --all undoes it, also a rare spelling of the loader's name.
. "$(dirname "$0")/system.sh"
needs patchelf
short_shim
for p in a b c; do plain $p <<<'int main(void) { return 0; }'; cp $p $p.before; done
patchelf --set-interpreter /lib64/../lib64/ld-linux-x86-64.so.2 c
cp c c.before
run_status 0 matr enable --interpreter "$SHIM" a b c
./a && ./b && ./c
run_status 0 matr enable --list
sort out >listed
expect listed <<<"$FOLDER/a
$FOLDER/b
$FOLDER/c"
run_status 0 matr disable --all
for p in a b c; do cmp $p $p.before || fail "$p is not as before"; done
run_status 0 matr enable --list
expect out </dev/null
