#!/bin/bash
# DT_FILTER and DT_AUXILIARY: no image, and ld.so does what it does with them.
. "$(dirname "$0")/lib.sh"

lib libreal.so <<<'int f(void) { return 2; }'
for kind in filter auxiliary; do
	lib lib$kind.so -Wl,--$kind=libreal.so <<<'int f(void) { return 1; }'
	prog p$kind lib$kind.so <<'E'
#include <stdio.h>
int f(void);
int main(void) { printf("%d\n", f()); return 0; }
E
	stock_only no-image ./p$kind <<<2
	refused filter ./p$kind
done
