#!/bin/bash
# What no epoch can hold is refused, program by program; the others get their images.
. "$(dirname "$0")/system.sh"
fixture
lib libvast.so <<'C'
char start = 1, vast[20l << 30];
int one(void) { return vast[sizeof(vast) - 1] + 1; }
C
prog vast libvast.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("%d\n", one()); return 0; }
C
stock_only no-image ./vast <<<1
refused too-large ./vast
fast ./main <main.expected
# More relocations than an image has room for: 3.2 million pointers.
[ -z "${STOCK-}" ] || exit 0
prog many <<'C'
#include <stdio.h>
int x = 4;
extern int *many[];
__asm__(".data\nmany: .rept 3200000\n.quad x\n.endr\n.text\n");
int main(void) { printf("%d\n", *many[3199999]); return 0; }
C
stock_only no-image ./many <<<4
refused too-large ./many
fast ./main <main.expected
