#!/bin/bash
# A set-user-id program takes the stock path, obeys no variable and does not pass LD_MATR_STORE on.
. "$(dirname "$0")/system.sh"
needs_root
public_shim
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>
extern int one(void);
int main(void)
{
	printf("one %d secure %lu real %d effective %d\n", one(), getauxval(AT_SECURE), getuid(), geteuid());
	printf("%s %s\n", getenv("LD_MATR_STORE") ? "store" : "-", getenv("LD_LIBRARY_PATH") ? "path" : "-");
	return 0;
}
C
fast ./main <<<"one 1 secure 0 real 0 effective 0
store -"
epoch
chmod u+s main main.stock
epoch
refused set-id ./main
mkdir evil
RPATH='' lib evil/libone.so <<<'int one(void) { return 666; }'
printf 'one 1 secure 1 real 65534 effective 0\n- -\n' >secure.expected
run_into out as=user setpriv --reuid=65534 --regid=65534 --clear-groups ./main.stock
grep -q 'secure 1' out || skip "set-user-id does not work here"
for v in LD_MATR_REQUIRE=1 LD_MATR_DEBUG=0 LD_LIBRARY_PATH="$FOLDER/evil"; do
	run_into out "$v" LD_MATR_STORE="$STORE" setpriv --reuid=65534 --regid=65534 --clear-groups ./main
	grep -v '^matr: ' out >plain.out
	expect plain.out <secure.expected
done
