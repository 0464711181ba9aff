#!/bin/bash
# A library with DF_1_NODEFLIB does not see the default folders; one without does.
. "$(dirname "$0")/lib.sh"
libm=$(gcc -print-file-name=libm.so.6)

main='#include <stdio.h>
double a(double);
int main(void) { printf("%.0f\n", a(8)); return 0; }'
source='double cbrt(double);
double a(double x) { return cbrt(x) + 40; }'
RPATH=$FOLDER:$(dirname "$(realpath "$libm")"):$(dirname "$libm") lib liba.so -Wl,-z,nodefaultlib -lm <<<"$source"
prog p liba.so <<<"$main"
both ./p <<<42
lib liba.so -Wl,-z,nodefaultlib -lm <<<"$source"
readelf -dW liba.so | grep -q NODEFLIB || fail "no DF_1_NODEFLIB"
LD_DEBUG=libs ./p.stock 2>&1 | grep -q 'libm.so.6: cannot open' || skip "libc finds libm all the same"
EPOCH=''
stock_only no-image ./p <<'E'
./p: error while loading shared libraries: libm.so.6: cannot open shared object file: No such file or directory
exit 127
E
refused library-missing ./p
