#!/bin/bash
# A strong reference that must be bound at start has no provider: stock's error, no image.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
int x = 1, y = 2;
E
prog p -fPIC liba.so <<'E'
extern int x, y;
int main(void) { return x + y; }
E
lib liba.so <<'E'
int x = 1;
E
stock_only no-image ./p <<'E'
./p: symbol lookup error: ./p: undefined symbol: y
exit 127
E
refused symbol-missing ./p
