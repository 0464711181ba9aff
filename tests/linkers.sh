#!/bin/bash
# Libraries and programs of gold, lld and mold: two writable segments, RELRO of their own kinds.
. "$(dirname "$0")/lib.sh"

for ld in gold lld mold; do
	command -v ld.$ld >/dev/null || continue
	LD=$ld lib lib$ld.so <<'E'
#include <stdio.h>
static int target = 4;
int *const constant = &target;
int *variable = &target;
int (*print)(const char *, ...) = printf;
char zeroes[10000];
int sum(void) { return *constant + *variable + zeroes[9999]++; }
E
	for kind in -pie -no-pie; do
		LD=$ld prog p$ld$kind $kind lib$ld.so <<'E'
#include <stdio.h>
int sum(void);
extern int (*print)(const char *, ...);
extern char zeroes[10000];
static FILE **where = &stdout;
int main(void) { zeroes[9999] = 3; print("%d", sum()); fprintf(*where, " %d\n", zeroes[9999]); return 0; }
E
		both ./p$ld$kind <<<'11 4'
	done
	done=yes
done
[ -n "${done-}" ] || skip "neither gold nor lld nor mold"
