#!/bin/bash
# Pointers to libc's own IFUNCs (memcpy and friends) are equal in program, library and dlsym.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
#include <string.h>
void *(*copy)(void *, const void *, size_t) = memcpy;
size_t (*length)(const char *) = strlen;
int same(void *a, void *b) { return a == (void *)copy && b == (void *)length; }
E
prog p -fno-builtin liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
int same(void *, void *);
void *volatile mine = memcpy;
int main(void)
{
	char to[8];
	memcpy(to, "copied", strlen("copied") + 1);
	printf("%d %d %s\n", same(mine, strlen), same(dlsym(RTLD_DEFAULT, "memcpy"), dlsym(RTLD_DEFAULT, "strlen")), to);
	return 0;
}
E
both ./p <<<'1 1 copied'
