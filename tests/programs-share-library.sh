#!/bin/bash
# One epoch, programs that bind the same library differently: each start gets its own bindings.
. "$(dirname "$0")/lib.sh"

lib libdeep.so <<<'int who(void) { return 1; } int number = 1;'
lib liba.so libdeep.so <<'E'
int who(void);
extern int number;
int *where = &number;
int (*pointer)(void) = who;
int a(void) { return who() * 100 + pointer() * 10 + *where; }
E
lib libother.so <<<'int who(void) { return 3; } int number = 4;'
main='#include <stdio.h>
int a(void);
OWN
int main(void) { printf("%d\n", a()); return 0; }'
prog plain -fPIC -DOWN= liba.so <<<"$main"
prog owner -fPIC -rdynamic '-DOWN=int who(void) { return 2; } int number = 7;' liba.so <<<"$main"
prog second -fPIC -rdynamic '-DOWN=char pad[100]; int number = 8; int who(void) { return 5; }' liba.so <<<"$main"
prog before -fPIC -DOWN= libother.so liba.so <<<"$main"
prog copied -no-pie -fno-pic '-DOWN=extern int number; int *p = &number; int who(void); int (*f)(void) = who;' liba.so libdeep.so <<<"$main"
both ./plain <<<111
both ./owner <<<227
both ./second <<<558
both ./before <<<334
both ./copied <<<111
