#!/bin/bash
# Static programs have no interpreter: no image, the reason is told, and they run as ever.
. "$(dirname "$0")/lib.sh"

for kind in static static-pie; do
	RPATH='' compile $kind.stock -$kind <<'E' 2>/dev/null || skip "no static libc"
#include <stdio.h>
int main(void) { puts("static"); return 0; }
E
	[ "$(./$kind.stock)" = static ] || fail "$kind does not run"
	[ -z "${STOCK-}" ] || continue
	refused static ./$kind.stock
done
