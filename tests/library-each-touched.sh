#!/bin/bash
# Whichever library of the closure has changed: a restart with the right result, also the last one.
. "$(dirname "$0")/system.sh"
libs=
for i in 1 2 3 4 5 6; do
	# shellcheck disable=SC2086 # a list
	lib "lib$i.so" $libs <<<"static int x = $i; int *p$i = &x; int f$i(void) { return *p$i; }"
	libs="lib$i.so $libs"
done
# shellcheck disable=SC2086 # a list
prog main $libs <<'C'
#include <stdio.h>
extern int f1(void), f2(void), f3(void), f4(void), f5(void), f6(void);
int n = 7, *p = &n;
int main(void) { printf("%d %d %d %d %d %d %d\n", f1(), f2(), f3(), f4(), f5(), f6(), *p); return 0; }
C
fast ./main <<<'1 2 3 4 5 6 7'
for i in 1 2 3 4 5 6; do
	touch lib$i.so
	falls library-changed ./main <<<'1 2 3 4 5 6 7'
	epoch
	fast ./main <<<'1 2 3 4 5 6 7'
	cp -p lib$i.so copy && mv copy lib$i.so
	falls library-changed ./main <<<'1 2 3 4 5 6 7'
	epoch
	fast ./main <<<'1 2 3 4 5 6 7'
done
