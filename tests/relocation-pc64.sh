#!/bin/bash
# glibc knows no 64-bit PC-relative relocation (.quad symbol - .): its error, and no image.
. "$(dirname "$0")/lib.sh"

lib libb.so -Wl,-z,undefs <<'E'
__asm__(".data\n.balign 8\n.globl near\nnear: .quad mine - .\n.text");
extern long near;
int b(void) { return *(int *)((char *)&near + near); }
E
readelf -rW libb.so | grep -q 'R_X86_64_PC64.* mine' || fail "no PC64"
prog p -fPIC -rdynamic libb.so <<'E'
#include <stdio.h>
int mine = 2, b(void);
int main(void) { printf("%d\n", b()); return 0; }
E
stock_only no-image ./p <<E
./p: error while loading shared libraries: $FOLDER/libb.so: unexpected reloc type 0x18
exit 127
E
refused relocation-type ./p
