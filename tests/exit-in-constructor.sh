#!/bin/bash
# A constructor that calls exit: neither main nor destructors run, as under stock.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { puts("start"); exit(7); }
__attribute__((destructor)) static void stop(void) { puts("stop"); }
E
prog p liba.so <<<'int puts(const char *); int main(void) { puts("main"); return 0; }'
printf '%s\n' start 'exit 7' | both ./p
