#!/bin/bash
# A store that is lost or damaged strands no enabled program: disable --search finds each by the mark within it.
. "$(dirname "$0")/system.sh"
needs patchelf
short_shim
mkdir -p bin/deep
for p in bin/a bin/deep/b bin/rare bin/stock; do plain $p <<<'int main(void) { return 0; }'; done
patchelf --set-interpreter /lib64/../lib64/ld-linux-x86-64.so.2 bin/rare
for p in a deep/b rare stock; do cp bin/$p before.${p#*/}; done
matr enable --interpreter "$SHIM" bin/a bin/deep/b bin/rare >/dev/null
cp store/enabled list
echo damaged >store/enabled
run_status 1 matr disable --all
has 'damaged' err
cmp -s bin/a before.a && fail "disable --all did something without a list"
run_status 1 matr disable --search bin # whose original is nowhere else
has "$FOLDER/bin/rare' is left alone" err
cmp bin/a before.a
cmp bin/deep/b before.b
cmp bin/stock before.stock
cp list store/enabled
run_status 0 matr disable --search bin
expect out <<<"$FOLDER/bin/rare: disabled"
cmp bin/rare before.rare
run_status 0 matr enable --list
lacks rare out
run_status 1 matr disable --search none
run_status 2 matr disable --all --search
