#!/bin/bash
# Up to glibc 2.36 a search path has subfolders like haswell/x86_64: searched in the same order.
. "$(dirname "$0")/lib.sh"

folders=$(for a in '' tls/; do for b in '' haswell/ xeon_phi/; do for c in '' avx512_1/; do for d in '' x86_64/; do
	echo "$a$b$c$d."; done; done; done; done)
for n in $folders; do
	mkdir -p "lib/$n"
	[ -e liba.so ] || RPATH='' lib liba.so <<<'const char *where = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";'
	sed "s|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|$(printf '%-40s' "$n")|" liba.so >"lib/$n/liba.so"
done
RPATH=$FOLDER/lib prog p -fPIC liba.so <<'E'
#include <stdio.h>
extern const char *where;
int main(void) { puts(where); return 0; }
E
for ((turn = 0; turn < 24; turn++)); do # each time the first in order goes away
	found=$(./p.stock) || fail "stock: $found"
	EPOCH='' both ./p <<<"$found"
	found=${found%% *}
	[ "$found" != . ] || exit 0
	rm "lib/$found/liba.so"
done
fail "the folder itself was never reached"
