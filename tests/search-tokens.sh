#!/bin/bash
# $LIB and $PLATFORM, in both spellings, in a library's search path.
. "$(dirname "$0")/lib.sh"

for n in lib lib64 lib/x86_64-linux-gnu x86_64 haswell xeon_phi; do
	mkdir -p "in/$n" "of/$n-end"
	RPATH='' lib "in/$n/libl.so" <<<"const char *l(void) { return \"$n\"; }"
	RPATH='' lib "of/$n-end/libp.so" <<<"const char *p(void) { return \"$n\"; }"
done
# shellcheck disable=SC2016
RPATH="$FOLDER/in/"'$LIB:'"$FOLDER/of/"'${PLATFORM}-end' lib liba.so in/lib/libl.so of/lib-end/libp.so <<'E'
const char *l(void), *p(void);
const char *a(int n) { return n ? p() : l(); }
E
prog p -Wl,-rpath-link,in/lib:of/lib-end liba.so <<'E'
#include <stdio.h>
const char *a(int);
int main(void) { printf("%s %s\n", a(0), a(1)); return 0; }
E
stock=$(./p.stock) || fail "stock: $stock"
case $stock in
'lib/x86_64-linux-gnu '* | 'lib64 '* | 'lib '*) both ./p <<<"$stock" ;;
*) fail "stock finds $stock" ;;
esac
