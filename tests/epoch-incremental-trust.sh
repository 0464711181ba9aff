#!/bin/bash
# Modes and folders that change between epochs: the incremental epoch takes a program in or leaves it out.
. "$(dirname "$0")/system.sh"
needs_root
mkdir -p secret/deep
RPATH='' lib secret/deep/libone.so <<<'int one(void) { return 1; }'
RPATH=$FOLDER/secret/deep prog main secret/deep/libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(void) { printf("one %d\n", one()); return 0; }
C
taken() { run_status 0 matr epoch begin --all ./main; EPOCH=begun; fast ./main <<<'one 1'; }
left() { run_status 0 matr epoch begin --all ./main; EPOCH=begun; refused "$1" ./main; falls no-image ./main <<<'one 1'; }
taken
chmod 700 secret
left untrusted-folder
chmod 755 secret
taken
chmod 600 secret/deep/libone.so
left not-readable
chmod 644 secret/deep/libone.so
taken
chmod u+s main
left set-id
chmod u-s main
taken
chmod 711 main
left not-readable
chmod 755 main
taken
