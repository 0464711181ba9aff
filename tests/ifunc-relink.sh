#!/bin/bash
# A pointer to an IFUNC of a library that is relocated later: stock says "Relink", so no image.
. "$(dirname "$0")/lib.sh"

lib libb.so -Wl,-z,undefs <<'E'
int f(void);
int (*pointer)(void) = f;
int b(void) { return pointer(); }
E
lib liba.so libb.so <<'E'
static int chosen(void) { return 17; }
static void *pick(void) { return chosen; }
int f(void) __attribute__((ifunc("pick")));
E
prog p liba.so libb.so <<'E'
#include <stdio.h>
int b(void), f(void);
int main(void) { printf("%d %d\n", b(), f()); return 0; }
E
stock_only no-image ./p <<E
./p: Relink \`$FOLDER/libb.so' with \`$FOLDER/liba.so' for IFUNC symbol \`f'
17 17
E
refused ifunc-order ./p
