#!/bin/bash
# A dlopened library calls IFUNCs of start-up libraries and has one of its own.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
static int value = 5;
static int chosen(void) { return value; }
static void *pick(void) { return chosen; }
int f(void) __attribute__((ifunc("pick")));
E
lib libplug.so liba.so <<'E'
#include <string.h>
int f(void);
static int own(void) { return 2; }
static void *pick(void) { return own; }
int g(void) __attribute__((ifunc("pick")));
int (*pointer)(void) = f;
int plug(const char *s) { return f() * 1000 + pointer() * 100 + g() * 10 + strlen(s); }
E
prog p liba.so <<'E'
#include <dlfcn.h>
#include <stdio.h>
int f(void);
int main(void)
{
	int (*plug)(const char *) = dlsym(dlopen("libplug.so", RTLD_NOW), "plug");
	printf("%d %d\n", plug("four"), dlsym(RTLD_DEFAULT, "f") == (void *)f);
	return 0;
}
E
both ./p <<<'5524 1'
