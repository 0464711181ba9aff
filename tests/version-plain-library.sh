#!/bin/bash
# A library without any version table answers a versioned reference when it comes first.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { global: f; g; local: *; };' lib libv.so <<<'int f(void) { return 1; } int g(void) { return f() + 100; }'
lib libfirst.so -nostdlib <<<'int f(void) { return 2; }'
readelf -VW libfirst.so | grep -q 'Version symbols' && fail "it has versions"
prog p libfirst.so libv.so <<'E'
#include <stdio.h>
int f(void), g(void);
int main(void) { printf("%d %d\n", f(), g()); return 0; }
E
both ./p <<<'2 102'
