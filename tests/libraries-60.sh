#!/bin/bash
# Sixty generated libraries, each calling the next two, and one shared name that the first defines.
. "$(dirname "$0")/lib.sh"

objects=()
for ((i = 59; i >= 0; i--)); do
	next=() calls=
	for ((j = i + 1; j < i + 3 && j < 60; j++)); do
		next+=("lib$j.so")
		calls+=" + f$j(n + 1) + *d$j"
	done
	{
		for ((j = i; j < i + 3; j++)); do echo "int f$j(int n); extern int v$j;"; done
		for ((j = i + 1; j < i + 3 && j < 60; j++)); do echo "static int *d$j = &v$j;"; done
		echo "int v$i = $i; const char *first(void) { return \"lib$i\"; } const char *first_$i(void) { return first(); }"
		echo "int f$i(int n) { return n > 3 ? 1 : n $calls; }"
	} | lib lib$i.so "${next[@]}"
	objects=("lib$i.so" "${objects[@]}")
done
prog p -fPIC "${objects[@]}" <<'E'
#include <stdio.h>
int f0(int), f30(int);
const char *first_59(void);
int main(void) { printf("%d %d %s\n", f0(0), f30(0), first_59()); return 0; }
E
both ./p <<<'197 1097 lib0'
