#!/bin/bash
# DT_AUDIT and DT_DEPAUDIT: no image; the auditor is asked.
. "$(dirname "$0")/lib.sh"

lib libaudit.so <<'E'
#include <link.h>
#include <unistd.h>
unsigned la_version(unsigned v) { write(1, "audited\n", 8); return LAV_CURRENT; }
E
for kind in audit depaudit; do
	prog p$kind -Wl,--$kind="$FOLDER/libaudit.so" <<<'int main(void) { return 0; }'
	stock_only no-image ./p$kind <<<audited
	refused audit ./p$kind
done
