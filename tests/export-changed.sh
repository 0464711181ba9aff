#!/bin/bash
# One library changed: four blobs are new at most (the manifest; tables of library and program; the program); where the old library is, its program is refused and all others imported.
. "$(dirname "$0")/export.sh"
for n in 1 2 3 4 5 6; do
	lib lib$n.so <<<"int f$n(void) { return $n; }"
	prog p$n lib$n.so <<<"#include <stdio.h>
	int f$n(void); int main(void) { printf(\"%d\\n\", f$n()); return 0; }"
done
epoch
run_status 0 matr epoch export layout
cp -p lib3.so old.so
lib lib3.so <<<'int added; int f3(void) { return 33; }'
epoch
run_status 0 matr --json epoch export layout
jq -e '.new_blobs > 1 and .new_blobs <= 4 and .new_blobs < .blobs' out >/dev/null ||
	{ cat out; fail "too many blobs are new"; }
[ "$(find layout/blobs -type f | wc -l)" = "$(jq .blobs out)" ] || fail "old blobs are left over"
import_into same layout
jq -e '.imported == 6' import.json >/dev/null || fail "not all are imported where all is the same"
cp -p old.so lib3.so
import_into old layout
jq -e '.imported == 5 and (.refused | length) == 1' import.json >/dev/null || { cat import.json; fail "import"; }
[ "$(jq -r '.refused[0] | .path, .detail' import.json | paste -sd' ')" = "$FOLDER/p3 '$FOLDER/lib3.so' has another build-id" ] ||
	fail "$(jq -c .refused import.json)"
STORE=$FOLDER/old EPOCH=begun
fast ./p1 <<<1
falls no-image ./p3 <<<3
run_status 0 matr epoch status
[ "$(sed -n 's/^ *\([0-9]*\)  import-differs: .*/\1 import-differs/p' out)" = '1 import-differs' ] || { cat out; fail "the epoch does not count it"; }
rm p5
import_into less layout
jq -e '.imported == 4 and .refused[1].detail == "it is not here"' import.json >/dev/null || fail "a program that is missing"
# The next epoch resolves what was refused, and nothing else.
run_status 0 matr --json epoch begin --all ./p1 ./p2 ./p3 ./p4 ./p6
[ "$(jq .resolved out)" = 1 ] || { cat out; fail "more than one program was resolved"; }
fast ./p3 <<<3
