#!/bin/bash
# A library that appears earlier on the search path since the epoch is found, as under stock.
. "$(dirname "$0")/system.sh"
mkdir first second
RPATH='' lib second/libone.so <<<'int one(void) { return 1; }'
RPATH=$FOLDER/first:$FOLDER/second prog main second/libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
fast ./main <<<'one 1'
RPATH='' lib first/libone.so <<<'int one(void) { return 2; }'
falls library-changed ./main <<<'one 2'
epoch
fast ./main <<<'one 2'
rm first/libone.so
falls library-changed ./main <<<'one 1'
