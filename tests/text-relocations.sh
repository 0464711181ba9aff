#!/bin/bash
# A library with relocations in its text: no image, and it works the stock way.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,notext <<'E'
__asm__(".text\n.balign 8\n.globl inside\ninside: .quad value\n");
int value = 8;
extern int *inside;
int a(void) { return *inside; }
E
readelf -dW liba.so | grep -q TEXTREL || fail "no text relocation"
prog p liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
stock_only no-image ./p <<<8
refused text-relocations ./p
