#!/bin/bash
# The library's variable has grown since the program copied it: stock warns, so no image.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
int data[2] = { 1, 2 };
E
prog p -no-pie -fno-pic liba.so <<'E'
#include <stdio.h>
extern int data[2];
int main(void) { printf("%d %d\n", data[0], data[1]); return 0; }
E
lib liba.so <<'E'
int data[4] = { 3, 4, 5, 6 };
E
stock_only no-image ./p <<'E'
./p: Symbol `data' has different size in shared object, consider re-linking
3 4
E
refused protected-copy ./p
