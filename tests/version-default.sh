#!/bin/bash
# A library with two versions of a symbol: an old program gets the old one, a new one the default.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { global: f; local: *; };' lib libv.so <<'E'
int f(void) { return 1; }
E
prog old libv.so <<'E'
#include <stdio.h>
int f(void);
int main(void) { printf("%d\n", f()); return 0; }
E
VERSIONS='V1 { global: f; local: *; }; V2 { f; } V1;' lib libv.so <<'E'
int f1(void) { return 10; }
int f2(void) { return 20; }
__asm__(".symver f1, f@V1");
__asm__(".symver f2, f@@V2");
E
prog new libv.so <<'E'
#include <stdio.h>
int f(void);
int main(void) { printf("%d\n", f()); return 0; }
E
both ./old <<<10
both ./new <<<20
