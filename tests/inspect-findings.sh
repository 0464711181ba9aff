#!/bin/bash
# matr inspect: unresolved weak references, shadowed definitions in scope order, needed libraries that bind nothing.
. "$(dirname "$0")/system.sh"
lib libfirst.so <<<'int twice(void) { return 1; } int first(void) { return 1; }'
lib libsecond.so <<'C'
int twice(void) { return 2; }
int second(void) { return 2; }
extern int absent(void) __attribute__((weak));
int (*maybe)(void) = absent;
C
lib libidle.so <<<'int idle(void) { return 3; }'
prog main libfirst.so libsecond.so libidle.so <<'C'
#include <stdio.h>
extern int twice(void), first(void), second(void);
extern int (*maybe)(void);
int main(void) { printf("%d %d %d %d\n", twice(), first(), second(), maybe != 0); return 0; }
C
both ./main <<<'1 1 2 0'
run_status 0 matr inspect --unresolved ./main
has absent out
lacks twice out
run_status 0 matr inspect --shadowed ./main
grep -qE 'twice.*libfirst\.so' out || { cat out >&2; fail "twice is not shown"; }
grep -qE 'libsecond\.so' out || { cat out >&2; fail "the loser is not shown"; }
lacks ' second ' out
run_status 0 matr inspect --unused ./main
has libidle.so out
lacks libsecond.so out
run_status 0 matr inspect --json --unused ./main
has libidle.so out
