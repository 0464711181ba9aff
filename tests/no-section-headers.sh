#!/bin/bash
# Objects without section headers: everything is found through program headers.
. "$(dirname "$0")/lib.sh"

lib liba.so <<<'int n = 5; int *p = &n; int a(void) { return *p; }'
lib libb.so liba.so <<<'int a(void); extern int n; int *q = &n; int b(void) { return a() + *q; }'
prog p -fPIC libb.so liba.so <<'E'
#include <stdio.h>
int a(void), b(void);
extern int n;
int main(void) { printf("%d %d %d\n", a(), b(), n); return 0; }
E
for f in liba.so libb.so p p.stock; do
	poke $f 40 '\0\0\0\0\0\0\0\0' # e_shoff
	poke $f 60 '\0\0\0\0'         # e_shnum, e_shstrndx
	readelf -SW $f 2>&1 | grep -q 'no sections' || fail "$f still has section headers"
done
both ./p <<<'5 10 5'
