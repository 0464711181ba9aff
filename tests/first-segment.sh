#!/bin/bash
# A library whose first segment does not lie at address 0, and a program at an unusual one.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-Ttext-segment=0x7654000 <<'E'
int n = 3;
int *pointer = &n;
extern int other;
int *outside = &other;
int a(void) { return *pointer + *outside; }
E
readelf -lW liba.so | grep -q 'LOAD.*0x000000 0x0*7654000' || fail "not at 0x7654000"
for kind in '-no-pie -Wl,-Ttext-segment=0x10000000' '-pie -Wl,-Ttext-segment=0x300000'; do
	# shellcheck disable=SC2086
	prog p -rdynamic $kind liba.so <<'E'
#include <stdio.h>
int other = 40;
int a(void);
int (*through)(void) = a;
int main(void) { printf("%d %d\n", a(), through()); return 0; }
E
	both ./p <<<'43 43'
done
