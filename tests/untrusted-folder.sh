#!/bin/bash
# A library below a folder that not everyone may search: not for root's store; it works the stock way.
. "$(dirname "$0")/system.sh"
needs_root
mkdir secret
RPATH='' lib secret/libone.so <<<'int one(void) { return 1; }'
RPATH=$FOLDER/secret prog main secret/libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast ./main <<<'one 1'
chmod 700 secret
epoch
refused untrusted-folder ./main
falls no-image ./main <<<'one 1'
