#!/bin/bash
# $ORIGIN in the program and in a library, also when started through a symbolic link or from afar.
. "$(dirname "$0")/lib.sh"
mkdir -p app/lib app/lib/more elsewhere

RPATH='' lib app/lib/more/libdeep.so <<<'int deep(void) { return 8; }'
# shellcheck disable=SC2016
RPATH='${ORIGIN}/more' lib app/lib/liba.so app/lib/more/libdeep.so <<'E'
int deep(void);
int a(void) { return deep() * 2; }
E
# shellcheck disable=SC2016
RPATH='$ORIGIN/lib' prog app/p app/lib/liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
ln -s ../app/p elsewhere/link
ln -s ../app/p.stock elsewhere/link.stock
both app/p <<<16
both ./elsewhere/link <<<16
both "$FOLDER/elsewhere/link" <<<16
cd elsewhere
both ../app/p <<<16
PATH=$FOLDER/app:$PATH
both p <<<16
