#!/bin/bash
# A damaged ld.so.cache is passed over: system libraries are found in the default folders.
. "$(dirname "$0")/lib.sh"
private_etc

lib liba.so -lm <<<'double cbrt(double); double a(double x) { return cbrt(x); }'
prog p liba.so -lm <<'E'
#include <stdio.h>
double a(double);
int main(void) { printf("%.0f\n", a(27)); return 0; }
E
cp /etc/ld.so.cache whole
: >/etc/ld.so.cache
EPOCH='' both ./p <<<3
echo 'no cache at all, only a line of text' >/etc/ld.so.cache
EPOCH='' both ./p <<<3
for bytes in 20 47 48 60 1000; do
	head -c $bytes whole >/etc/ld.so.cache
	EPOCH='' both ./p <<<3
done
