#!/bin/bash
# A reference without version, made before the library had versions, takes its base or oldest
# definition, also where that one is hidden; a versioned default takes it only when it is alone.
. "$(dirname "$0")/lib.sh"

lib libv.so <<'E'
int f(void) { return 1; }
int g(void) { return 2; }
int h(void) { return 3; }
E
prog p libv.so <<'E'
#include <stdio.h>
int f(void), g(void), h(void);
int main(void) { printf("%d %d %d\n", f(), g(), h()); return 0; }
E
VERSIONS='V1 { global: f; h; local: *; }; V2 { f; g; h; } V1; V3 { f; } V2;' lib libv.so <<'E'
int f1(void) { return 11; }
int f2(void) { return 12; }
int f3(void) { return 13; }
int g(void) { return 20; }
int h2(void) { return 32; }
int h1(void) { return 31; }
__asm__(".symver f1, f@V1");
__asm__(".symver f2, f@V2");
__asm__(".symver f3, f@@V3");
__asm__(".symver h1, h@V1");
__asm__(".symver h2, h@@V2");
E
both ./p <<<'11 20 31'
