#!/bin/bash
# Hidden and internal definitions in a dynamic symbol table are no answer: the search goes on.
. "$(dirname "$0")/lib.sh"

for x in hidden internal; do
	lib lib$x.so <<<"int f(void) { return 1; } int $x;"
done
lib libreal.so <<<'int f(void) { return 2; }'
lib libuser.so <<<'int f(void); int (*p)(void) = f; int user(void) { return f() * 10 + p(); }'
prog p libhidden.so libinternal.so libreal.so libuser.so <<'E'
#include <stdio.h>
int user(void);
int main(void) { printf("%d\n", user()); return 0; }
E
both ./p <<<11
# ld would drop hidden symbols from .dynsym: set st_other of f by hand.
for x in hidden:2 internal:1; do
	l=lib${x%:*}.so
	n=$(readelf --dyn-syms -W "$l" | awk '$8 == "f" { sub(":", "", $1); print $1 }')
	at=0x$(readelf -SW "$l" | sed -n 's/.* \.dynsym  *DYNSYM  *[0-9a-f]*  *\([0-9a-f]*\) .*/\1/p')
	poke "$l" "$at + $n * 24 + 5" "\x0${x#*:}"
	readelf --dyn-syms -W "$l" | grep -qi "${x%:*} .* f$" || fail "$l: not ${x%:*}"
done
EPOCH=
both ./p <<<22
