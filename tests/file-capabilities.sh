#!/bin/bash
# A program with file capabilities has no image; it starts in secure mode, the stock way.
. "$(dirname "$0")/system.sh"
needs_root
needs setcap
public_shim
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
#include <sys/auxv.h>
extern int one(void);
int main(void) { printf("one %d secure %lu\n", one(), getauxval(AT_SECURE)); return 0; }
C
fast ./main <<<"one 1 secure 0"
setcap cap_net_bind_service=+ep main 2>/dev/null || skip "no file capabilities on this file system"
epoch
refused file-capabilities ./main
run_into out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" setpriv --reuid=65534 --regid=65534 --clear-groups ./main
grep -v '^matr: ' out >plain.out
expect plain.out <<<"one 1 secure 1"
