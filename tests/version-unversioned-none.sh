#!/bin/bash
# A reference without version finds several hidden versions only: undefined, as under stock.
. "$(dirname "$0")/lib.sh"

lib libv.so <<<'int g(void) { return 1; }'
prog p -Wl,-z,now libv.so <<<'int g(void); int main(void) { return g(); }'
VERSIONS='V1 { f; }; V2 { global: g; local: *; } V1; V3 { g; } V2;' lib libv.so <<'E'
int f(void) { return 0; }
int g2(void) { return 2; }
int g3(void) { return 3; }
__asm__(".symver g2, g@V2\n.symver g3, g@V3");
E
stock_only no-image ./p <<'E'
./p: symbol lookup error: ./p: undefined symbol: g
exit 127
E
refused symbol-missing ./p
