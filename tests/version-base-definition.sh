#!/bin/bash
# A reference to a version takes an unversioned definition that comes first in scope.
. "$(dirname "$0")/lib.sh"

VERSIONS='V1 { global: f; g; local: *; };' lib libv.so <<'E'
int f(void) { return 1; }
int g(void) { return f() + 100; }
E
lib libfirst.so <<'E'
int f(void) { return 2; }
E
prog p libfirst.so libv.so <<'E'
#include <stdio.h>
int f(void), g(void);
int main(void) { printf("%d %d\n", f(), g()); return 0; }
E
both ./p <<<'2 102'
