#!/bin/bash
# environ, program_invocation_name, getauxval and __libc_stack_end style variables of libc and ld.so.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
extern char **environ;
extern void *__libc_stack_end;
const char *home(void) { for (char **e = environ; *e; e++) if (!strncmp(*e, "WORD=", 5)) return *e + 5; return "?"; }
int same_stack(void *p) { long d = (char *)__libc_stack_end - (char *)p; return d > 0 && d < 1 << 20; }
const char *name(void) { return program_invocation_short_name; }
int pagesize(void) { return getauxval(AT_PAGESZ); }
E
prog p liba.so <<'E'
#include <stdio.h>
const char *home(void), *name(void);
int same_stack(void *), pagesize(void);
int main(void) { int x; printf("%s %c %d %d\n", home(), *name(), same_stack(&x), pagesize()); return 0; }
E
export WORD=value
both ./p <<<'value p 1 4096'
