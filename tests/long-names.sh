#!/bin/bash
# Symbols of twenty thousand characters and a search path of many folders.
. "$(dirname "$0")/lib.sh"

long=$(printf 'x%.0s' {1..20000})
for n in 1 2; do lib lib$n.so -Df=f$n"$long" <<<"int f(void) { return $n; }"; done
path=$FOLDER
for n in {1..200}; do path=/does/not/exist/$n:$path; done
RPATH=$path prog p -Df1=f1"$long" -Df2=f2"$long" lib1.so lib2.so <<'E'
#include <stdio.h>
int f1(void), f2(void);
int main(void) { printf("%d %d\n", f1(), f2()); return 0; }
E
both ./p <<<'1 2'
