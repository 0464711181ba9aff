#!/bin/bash
# /etc/ld.so.preload: its library comes first in scope, and is part of the image.
. "$(dirname "$0")/lib.sh"
export ASAN_OPTIONS=verify_asan_link_order=0 # where MatR itself is a sanitized build
private_etc

lib liba.so <<<'int f(void) { return 1; } int a(void) { return f(); }'
lib libfirst.so <<<'int f(void) { return 2; }'
lib libsecond.so <<<'int f(void) { return 3; } int seen = 4;'
prog p -fPIC liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int a(void), f(void);
int main(void) { printf("%d %d %d\n", a(), f(), dlsym(RTLD_DEFAULT, "seen") != 0); return 0; }
E
both ./p <<<'1 1 0'
printf '%s\n' "# a comment" "$FOLDER/libfirst.so:$FOLDER/libsecond.so" >/etc/ld.so.preload
stock_only preload-changed ./p <<<'2 2 1'
EPOCH=
both ./p <<<'2 2 1'
