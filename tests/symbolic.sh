#!/bin/bash
# -Bsymbolic: a library prefers its own definitions; another library's references do not.
. "$(dirname "$0")/lib.sh"

for kind in -Bsymbolic -Bsymbolic-functions; do
	lib "lib$kind.so" -Wl,$kind <<'E'
int who(void) { return 1; }
int data = 1;
int (*pointer)(void) = who;
int test(void) { return who() * 100 + pointer() * 10 + data; }
E
	lib libuser.so "lib$kind.so" <<'E'
int who(void);
int user(void) { return who(); }
E
	prog "p$kind" -fPIC -rdynamic libuser.so "lib$kind.so" <<'E'
#include <stdio.h>
int who(void) { return 2; }
int data = 2;
int test(void), user(void);
int main(void) { printf("%d %d\n", test(), user()); return 0; }
E
done
both ./p-Bsymbolic <<<'111 2'
both ./p-Bsymbolic-functions <<<'112 2'
