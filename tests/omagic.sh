#!/bin/bash
# A library of one writable and executable segment of small alignment (ld --omagic): no image.
. "$(dirname "$0")/lib.sh"

lib liba.so -nostdlib -Wl,--omagic,--no-warn-rwx-segments <<<'int v = 4; int *p = &v; int a(void) { return *p; }'
readelf -lW liba.so | grep -q 'LOAD.* RWE 0x8$' || skip "ld lays it out otherwise"
prog p liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
[ "$(./p.stock 2>&1)" = 4 ] || skip "this libc refuses it"
stock_only no-image ./p <<<4
refused writable-code ./p
