#!/bin/bash
# Enabled programs that were replaced are enabled again when an epoch begins; what is gone or has become something else is forgotten.
. "$(dirname "$0")/system.sh"
short_shim
mkdir bin
for p in kept replaced gone script; do plain bin/$p <<<'int main(void) { return 1; }'; done
plain new <<<'int main(void) { return 2; }'
matr enable --interpreter "$SHIM" bin/kept bin/replaced bin/gone bin/script >/dev/null
matr -q epoch roots add "$FOLDER/bin" >/dev/null
run_status 0 matr epoch begin --all
lacks "'" err

cp -p bin/kept kept.before
cp new aside && mv aside bin/replaced
rm bin/gone
echo '#!/bin/sh' >bin/script
run_status 0 matr epoch begin --all bin/kept # one program: not the time
cmp new bin/replaced || fail "enabled again by an epoch of something else"
run_status 0 matr epoch begin --all
grep "^matr: '" err | sort >said
expect said <<E
matr: '$FOLDER/bin/gone' is not on the list of enabled programs any more: it is gone
matr: '$FOLDER/bin/replaced': enabled again
matr: '$FOLDER/bin/script' is not on the list of enabled programs any more: not an ELF file
E
cmp bin/kept kept.before
run_into out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" bin/replaced
expect out <<<'exit 2'
run_status 0 matr enable --list
expect out <<<"$FOLDER/bin/kept
$FOLDER/bin/replaced"
run_status 0 matr epoch begin --all
lacks "'" err
run_status 0 matr disable --all
cmp new bin/replaced || fail "disable does not restore"
