#!/bin/bash
# SHN_ABS symbols: no load address is added to them, in data, through the GOT and by dlsym.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,--defsym=absolute=0x12345 -x assembler /dev/null <<<'int a;'
lib libb.so liba.so <<'E'
extern char absolute[];
char *data = absolute, *plus = absolute + 0x10;
long got(void) { return (long)absolute; }
E
readelf --dyn-syms -W liba.so | grep -q 'ABS absolute' || fail "not absolute"
prog p libb.so liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
extern char *data, *plus;
long got(void);
int main(void) { printf("%lx %lx %lx %p\n", (long)data, (long)plus, got(), dlsym(RTLD_DEFAULT, "absolute")); return 0; }
E
both ./p <<<'12345 12355 12345 0x12345'
