#!/bin/bash
# A library with a segment that is writable and executable (-N): no image.
. "$(dirname "$0")/lib.sh"

lib liba.so -nostdlib -Wl,--omagic,--no-warn-rwx-segments <<<'int v = 4; int *p = &v; int a(void) { return *p; }'
readelf -lW liba.so | grep -q 'LOAD.* RWE' || fail "no such segment"
prog p liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
stock_only no-image ./p <<<4
refused writable-code ./p
