#!/bin/bash
# The same DT_NEEDED entry twice, and a cycle of libraries that need each other.
. "$(dirname "$0")/lib.sh"

lib libb.so <<<'int b(void) { return 2; }'
lib liba.so libb.so <<<'int b(void); int a(void) { return b() + 1; }'
lib libb.so liba.so <<'E'
int a(void);
int *cycle(void) { static int n = 4; return &n; }
int b(void) { return *cycle() + 1; }
__attribute__((constructor)) static void start(void) { *cycle() += a(); }
E
prog p liba.so libb.so -Wl,-soname,x <<'E'
#include <stdio.h>
int a(void), b(void);
int main(void) { printf("%d %d\n", a(), b()); return 0; }
E
for p in p p.stock; do # DT_SONAME becomes a second DT_NEEDED of liba.so
	at=$(readelf -SW $p | awk '$2 == ".dynamic" || $3 == ".dynamic" { for (i = 1; i < NF; i++) if ($i == "DYNAMIC") print "0x" $(i + 2) }')
	poke $p "$at + 16" "$(od -An -tx1 -v -j $((at)) -N 16 $p | sed 's/ /\\x/g')"
	[ "$(readelf -dW $p | grep -c 'NEEDED.*liba.so')" = 2 ] || fail "not needed twice"
	[ "$(readelf -dW $p | grep -c 'NEEDED')" -ge 3 ] || fail "something is missing"
done
both ./p <<<'12 11'
