#!/bin/bash
# A need marked weak does not stop the program when the version is gone, but stock warns: no image.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { e; }; V2 { global: f; local: *; } V1;' lib libv.so <<'E'
int e(void) { return 1; }
int f(void) { return 2; }
E
prog p libv.so <<'E'
#include <stdio.h>
int e(void);
__attribute__((weak)) int f(void);
int main(void) { printf("%d %d\n", e(), f ? f() : -1); return 0; }
E
# ld marks no need as weak: set vna_flags of V2 to VER_FLG_WEAK by hand.
for p in p p.stock; do
	at=$(readelf -VW $p | awk '/Version needs/ { n = 1 } n && / Offset: / { o = $4 } n && /Name: V2 / { sub(":", "", $1); print o, $1 }')
	poke $p "${at% *} + ${at#* } + 4" '\x02'
	readelf -VW $p | grep 'Name: V2  Flags: WEAK' >/dev/null || fail "not marked weak"
done
both ./p <<<'1 2'
VERSIONS='V1 { global: e; local: *; };' lib libv.so <<'E'
int e(void) { return 1; }
E
EPOCH=''
stock_only no-image ./p <<E
./p: $FOLDER/libv.so: weak version \`V2' not found (required by ./p)
1 -1
E
refused version-warning ./p
