#!/bin/bash
# A library no longer has a version that the program needs: stock's error, and no image.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { e; }; V2 { global: f; local: *; } V1;' lib libv.so <<'E'
int e(void) { return 1; }
int f(void) { return 2; }
E
prog p libv.so <<'E'
int f(void);
int main(void) { return f(); }
E
VERSIONS='V1 { global: e; f; local: *; };' lib libv.so <<'E'
int e(void) { return 1; }
int f(void) { return 2; }
E
stock_only no-image ./p <<E
./p: $FOLDER/libv.so: version \`V2' not found (required by ./p)
exit 1
E
refused version-missing ./p
