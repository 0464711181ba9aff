#!/bin/bash
# A program that was linked with versions meets a library without any: stock warns, so no image.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { global: f; local: *; };' lib libv.so <<'E'
int f(void) { return 1; }
E
prog p libv.so <<'E'
#include <stdio.h>
int f(void);
int main(void) { printf("%d\n", f()); return 0; }
E
lib libv.so <<'E'
int f(void) { return 3; }
E
stock_only no-image ./p <<E
./p: $FOLDER/libv.so: no version information available (required by ./p)
3
E
refused version-warning ./p
