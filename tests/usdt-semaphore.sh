#!/bin/bash
# A library with a probe that has a semaphore works as ever; its semaphore starts at 0.
. "$(dirname "$0")/lib.sh"
echo '#include <sys/sdt.h>' | gcc -E - >/dev/null 2>&1 || skip "no sys/sdt.h"

lib liba.so <<'E'
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
__extension__ unsigned short test_hit_semaphore __attribute__((unused, section(".probes")));
static int calls;
int *where = &calls;
int a(int n) { STAP_PROBE1(test, hit, n); ++*where; return calls * 10 + test_hit_semaphore; }
E
readelf -nW liba.so | grep -q 'Semaphore: 0x0*[1-9a-f]' || fail "no semaphore"
prog p liba.so <<'E'
#include <stdio.h>
int a(int);
int main(void) { int x = a(1); printf("%d %d\n", x, a(2)); return 0; }
E
both ./p <<<'10 20'
