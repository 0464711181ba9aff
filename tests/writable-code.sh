#!/bin/bash
# A library with a segment that is writable and executable: no image, and it works the stock way.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int v = 4; int *p = &v; int a(void) { return *p; }'
# ld makes no such library with separate segments: set PF_X in the RW segment's program header.
n=$(readelf -lW liba.so | awk '/^  [A-Z]/ && $1 != "Type" { n++ } /LOAD.* RW / { print n - 1; exit }')
poke liba.so "64 + 56 * $n + 4" '\x07'
readelf -lW liba.so | grep -q 'LOAD.* RWE' || fail "no such segment"
prog p liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
stock_only no-image ./p <<<4
refused writable-code ./p
