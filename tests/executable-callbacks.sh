#!/bin/bash
# A library calls back into the program through its symbols lazily, from a constructor and by qsort.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,undefs <<'E'
#include <stdlib.h>
int compare(const void *, const void *);
void notice(const char *);
int numbers[] = { 3, 1, 2 };
__attribute__((constructor)) static void start(void) { notice("constructor"); }
int *sorted(void) { qsort(numbers, 3, sizeof(int), compare); return numbers; }
E
prog p -fPIC -rdynamic liba.so <<'E'
#include <stdio.h>
int compare(const void *a, const void *b) { return *(int *)b - *(int *)a; }
void notice(const char *what) { puts(what); }
int *sorted(void);
int main(void) { int *n = sorted(); printf("%d%d%d\n", n[0], n[1], n[2]); return 0; }
E
both ./p <<'E'
constructor
321
E
