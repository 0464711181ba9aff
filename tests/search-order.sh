#!/bin/bash
# RUNPATH folders are searched in their order, absent folders and files of other machines passed over.
. "$(dirname "$0")/lib.sh"
mkdir foreign empty one two

for n in one two; do
	RPATH='' lib $n/liba.so <<<"const char *a(void) { return \"$n\"; }"
done
cp one/liba.so foreign
poke foreign/liba.so 18 '\xb7\x00' # e_machine: AArch64
RPATH=/does/not/exist:$FOLDER/foreign:$FOLDER/empty:$FOLDER/one:$FOLDER/two prog p one/liba.so <<'E'
#include <stdio.h>
const char *a(void);
int main(void) { puts(a()); return 0; }
E
both ./p <<<one
