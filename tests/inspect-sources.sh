#!/bin/bash
# matr inspect reads the store, else resolves now; both say the same. It fails with a word where it cannot.
. "$(dirname "$0")/system.sh"
MATR_TEST_LAYOUT=''
needs jq
fixture
bindings() { jq -S 'del(.source, .epoch, .store, .resolved)' out; }
run_status 0 matr inspect --json --bindings ./main
bindings >now
has one_calls now
epoch
run_status 0 matr inspect --json --bindings ./main
bindings >stored
diff now stored >&2 || fail "store and resolver differ"
touch libone.so # the store is not right any more
run_status 0 matr inspect --json --bindings ./main
bindings >again
diff now again >&2 || fail "differs after a change"
run_status 1 matr inspect ./nowhere
has nowhere err
mkdir bin && cp main bin/along-the-path
PATH=$PWD/bin:$PATH run_status 0 matr inspect along-the-path
PATH=$PWD/bin:$PATH run_status 0 matr verify along-the-path
run_status 1 matr inspect no-such-program
has "not found along PATH" err
yes text | head -c 1000 >text || true
run_status 0 matr inspect --json ./text
has '"not-elf"' out
run_status 0 matr inspect ./text
has 'not an ELF file' <(cat out err)
