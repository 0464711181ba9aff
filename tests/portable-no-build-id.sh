#!/bin/bash
# A portable store takes no program with an object that has no build-id.
. "$(dirname "$0")/portable.sh"
fixture
epoch() { matr -q epoch begin --portable --all ./main ./bare; EPOCH=begun; }
lib libbare.so -Wl,--build-id=none <<<'int bare;'
prog bare libbare.so <<<'extern int bare; int main(void) { return bare; }'
refused no-build-id ./bare
has libbare.so refused.json
fast ./main <main.expected
falls no-image ./bare </dev/null
prog bare -Wl,--build-id=none libone.so <<<'int main(void) { return 0; }'
refused no-build-id ./bare
has "'$FOLDER/bare' has none" refused.json
