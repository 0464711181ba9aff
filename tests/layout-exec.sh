#!/bin/bash
# layout=exec: libraries and loader lie elsewhere at every start, and keep their distances; without randomisation not.
. "$(dirname "$0")/system.sh"
MATR_TEST_LAYOUT='exec'
lib libone.so <<<'int x; int *p = &x; int one(void) { return *p + 1; }'
lib libtwo.so -Wl,-z,max-page-size=0x10000 <<'C'
int big __attribute__((aligned(65536))) = 2;
int *two(void) { return &big; }
C
prog main -fPIC libone.so libtwo.so <<'C'
#include <stdint.h>
#include <stdio.h>
extern int one(void), *two(void);
extern char __tls_get_addr[]; /* of ld.so */
int main(int argc, char **argv)
{
	if (argc == 1)
		printf("one %d, %d, rest %d\n", one(), *two(), (int)((uintptr_t)two() % 65536));
	else
		printf("%p %ld %ld\n", (void *)one, (long)two - (long)one, (long)__tls_get_addr - (long)one);
	return 0;
}
C
both ./main <<<'one 1, 2, rest 0'
for _ in 1 2 3 4 5 6 7 8; do
	LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE ./main x >>addresses
	LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE setarch -R ./main x >>fixed
done
[ "$(cut -d' ' -f1 addresses | sort -u | wc -l)" = 8 ] || { cat addresses >&2; fail "an address came again"; }
[ "$(cut -d' ' -f2- addresses | sort -u | wc -l)" = 1 ] || { cat addresses >&2; fail "the distances changed"; }
[ "$(sort -u fixed | wc -l)" = 1 ] || { cat fixed >&2; fail "not fixed with setarch -R"; }
MATR_TEST_LAYOUT=epoch epoch
for _ in 1 2 3; do LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE ./main x >>epoch.addresses; done
[ "$(sort -u epoch.addresses | wc -l)" = 1 ] || fail "the epoch's addresses are not fixed"
