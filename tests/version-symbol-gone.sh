#!/bin/bash
# The version is still there but the symbol has left it: stock fails, and MatR refuses.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { global: e; f; local: *; };' lib libv.so <<'E'
int e(void) { return 1; }
int f(void) { return 2; }
E
prog p -Wl,-z,now libv.so <<'E'
#include <stdio.h>
int e(void), f(void);
int main(void) { printf("%d %d\n", e(), f()); return 0; }
E
VERSIONS='V1 { global: e; local: *; };' lib libv.so <<'E'
int e(void) { return 1; }
E
stock_only no-image ./p <<'E'
./p: symbol lookup error: ./p: undefined symbol: f, version V1
exit 127
E
refused version-file ./p
