#!/bin/bash
# The RPATHs of all loaders up the chain are searched, the nearest first, then the program's.
. "$(dirname "$0")/lib.sh"
mkdir near far only

for n in near far only; do
	RPATH='' lib $n/libdeep.so <<<"const char *deep(void) { return \"$n\"; }"
	RPATH='' lib only/libmore.so <<<"const char *more(void) { return \"more\"; }"
done
rm only/libdeep.so
RPATH='' lib only/libmiddle.so near/libdeep.so only/libmore.so <<'E'
const char *deep(void), *more(void);
const char *middle(void) { return deep(); }
E
RPATH=$FOLDER/near lib only/liba.so -Wl,--disable-new-dtags only/libmiddle.so <<'E'
const char *middle(void);
const char *a(void) { return middle(); }
E
RPATH=$FOLDER/far:$FOLDER/only prog p -Wl,--disable-new-dtags,-rpath-link,near only/liba.so <<'E'
#include <stdio.h>
const char *a(void);
int main(void) { puts(a()); return 0; }
E
both ./p <<<near
