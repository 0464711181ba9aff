#!/bin/bash
# -z initfirst: that library's constructors run before all others.
. "$(dirname "$0")/lib.sh"

for x in a b c; do
	lib lib$x.so "-Wl,-z,$([ $x = c ] && echo initfirst || echo lazy)" <<E
#include <unistd.h>
__attribute__((constructor)) static void start(void) { write(1, "$x\n", 2); }
int $x;
E
done
prog p -fPIC liba.so libc.so libb.so <<<'int main(void) { return 0; }'
printf '%s\n' c b a | both ./p
