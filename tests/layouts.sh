#!/bin/bash
# -z separate-code and noseparate-code, relro and norelro, execstack aside; sysv and gnu hash tables.
. "$(dirname "$0")/lib.sh"

for flags in separate-code noseparate-code norelro relro,-z,now nocombreloc; do
	for hash in sysv gnu both; do
		lib liba.so -Wl,-z,$flags,--hash-style=$hash <<'E'
static int n = 7;
int *pointer = &n;
extern int shared;
int *other = &shared, shared = 2;
int a(void) { return *pointer * 10 + *other; }
E
		prog p -fPIC -Wl,-z,$flags,--hash-style=$hash liba.so <<'E'
#include <stdio.h>
int shared = 5, a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
		both ./p <<<75
	done
done
