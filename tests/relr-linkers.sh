#!/bin/bash
# DT_RELR as lld and mold write it, where they set the marker.
. "$(dirname "$0")/lib.sh"

for ld in lld mold; do
	command -v ld.$ld >/dev/null || continue
	(LD=$ld lib lib$ld.so -Wl,-z,pack-relative-relocs,--pack-dyn-relocs=relr) <<'E' 2>/dev/null || continue
static int n = 3;
int *table[100] = { [0 ... 99] = &n };
int sum(void) { int s = 0; for (int i = 0; i < 100; i++) s += *table[i]; return s; }
E
	readelf -dW lib$ld.so | grep -q RELR || continue
	prog p$ld -fPIC lib$ld.so <<'E'
#include <stdio.h>
int sum(void);
extern int *table[100];
int main(void) { printf("%d %d\n", sum(), *table[50]); return 0; }
E
	./p$ld.stock >/dev/null 2>&1 || continue # no marker: see relr-marker
	both ./p$ld <<<'300 3'
	done=yes
done
[ -n "${done-}" ] || skip "neither lld nor mold writes it with the marker"
