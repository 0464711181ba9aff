#!/bin/bash
# A library that is a program too: it has a PT_INTERP, an entry point and a SONAME.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-e,entry -Wl,-z,now <<'E'
const char interp[] __attribute__((section(".interp"))) = "/lib64/ld-linux-x86-64.so.2";
#include <unistd.h>
int n = 2, *p = &n;
int a(void) { return *p; }
__attribute__((force_align_arg_pointer)) void entry(void) { write(1, "as a program\n", 13); _exit(a()); }
E
readelf -lW liba.so | grep -q INTERP || fail "no PT_INTERP"
run_into actual.out ./liba.so
printf '%s\n' 'as a program' 'exit 2' | expect actual.out
prog p liba.so <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
both ./p <<<2
