#!/bin/bash
# A needed library is not there: stock's error, no image; when it appears the stock path works.
. "$(dirname "$0")/lib.sh"

lib libgone.so <<'E'
int f(void) { return 7; }
E
prog p libgone.so <<'E'
int f(void);
int main(void) { return f(); }
E
mv libgone.so saved.so
stock_only no-image ./p <<'E'
./p: error while loading shared libraries: libgone.so: cannot open shared object file: No such file or directory
exit 127
E
refused library-missing ./p
mv saved.so libgone.so
stock_only no-image ./p <<<'exit 7'
