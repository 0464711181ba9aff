#!/bin/bash
# A library with nothing but .bss, and one with nothing at all.
. "$(dirname "$0")/lib.sh"

lib libbss.so -nostdlib <<<'char room[5000]; long more[3];'
lib libempty.so -nostdlib </dev/null
prog p -fPIC libbss.so libempty.so <<'E'
#include <stdio.h>
extern char room[5000];
extern long more[3];
int main(void) { room[4999] = 1; more[2] = 2; printf("%d %ld %d\n", room[4999], more[2], room[0]); return 0; }
E
readelf -dW p.stock | grep -q 'NEEDED.*libempty' || fail "libempty.so is not needed"
both ./p <<<'1 2 0'
