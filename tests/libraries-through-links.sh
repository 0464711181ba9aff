#!/bin/bash
# Libraries reached through symbolic links and linked folders, with ".." and double slashes.
. "$(dirname "$0")/lib.sh"
mkdir -p real/lib other

RPATH='' lib real/lib/liba.so.1.2.3 -Wl,-soname,liba.so.1 <<<'int a(void) { return 12; }'
ln -s liba.so.1.2.3 real/lib/liba.so.1
ln -s ../real other/link
RPATH="$FOLDER//other/link/../real/./lib" prog p real/lib/liba.so.1 <<'E'
#include <dlfcn.h>
#include <stdio.h>
int a(void);
int main(void) { printf("%d %d\n", a(), dlopen("liba.so.1", RTLD_NOLOAD | RTLD_NOW) != NULL); return 0; }
E
both ./p <<<'12 1'
