#!/bin/bash
# Both layouts with words that are absolute, weak and unresolved, lazy, of the executable, not aligned; many and few.
. "$(dirname "$0")/lib.sh"
lib liba.so <<<'int other[3] = { 4, 5, 6 };'
for flags in '' -Wl,-z,pack-relative-relocs; do
	echo 'int x;' | gcc $flags -shared -fPIC -x c - -o probe.so 2>/dev/null || continue
	# Words that are not aligned have no bit in the map: such a library is ld.so's.
	lib libp.so liba.so $flags <<'E'
extern int other[3];
static int own[2] = { 1, 2 };
struct __attribute__((packed)) { char c; int *p; short s; int *q; } packed = { 1, own + 1, 2, other + 1 };
int p(void) { return *packed.p + *packed.q + packed.c + packed.s; }
E
	lib libb.so libp.so $flags -Wl,--defsym=absolute=0x1234 <<'E'
extern int p(void), shared, none __attribute__((weak));
extern char absolute[];
static int own[5] = { 1, 2, 3, 4, 5 }, (*call)(void) = p;
int *weak = &none, *exported = &shared;
char *number = absolute;
static int *many[100] = { [0 ... 31] = own, [33 ... 70] = own + 2, [99] = own + 4 };
long b(void)
{
	long sum = 0;
	for (int i = 0; i < 100; i++)
		sum += many[i] ? *many[i] : 1000;
	return sum + p() + call() + !weak + *exported;
}
E
	for pie in -pie -no-pie; do
		prog p $pie -fPIC libb.so liba.so $flags <<'E'
#include <stdio.h>
extern int other[];
extern char absolute[], *number;
long b(void);
int shared = 7;
static int mine = 8, *pointers[] = { &mine, other + 2, &shared };
int main(void) { printf("%ld %d %p %d\n", b(), *pointers[0] + *pointers[1] + *pointers[2], absolute, number == absolute); return 0; }
E
		for MATR_TEST_LAYOUT in epoch exec; do
			EPOCH=
			both ./p <<<'29179 21 0x1234 1'
		done
	done
done
