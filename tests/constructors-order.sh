#!/bin/bash
# Constructors and destructors run in dependency order, with priorities, preinit and old-style _init.
. "$(dirname "$0")/lib.sh"

for x in z a b; do
	deeper=()
	[ $x = z ] || deeper=(libz.so)
	lib lib$x.so "${deeper[@]}" -Wl,-init=my_init,-fini=my_fini <<E
#include <stdio.h>
#include <stdlib.h>
void my_init(void) { puts("$x: init"); }
void my_fini(void) { puts("$x: fini"); }
static void leave(void) { puts("$x: atexit"); }
__attribute__((constructor(200))) static void second(void) { puts("$x: 200"); atexit(leave); }
__attribute__((constructor(150))) static void first(void) { puts("$x: 150"); }
__attribute__((destructor)) static void last(void) { puts("$x: destructor"); }
int $x(void) { return 0; }
E
done
prog p libb.so liba.so <<'E'
#include <stdio.h>
int a(void), b(void);
static void early(int argc, char **argv, char **envp) { printf("preinit %d\n", argc); }
__attribute__((section(".preinit_array"))) void (*hook)(int, char **, char **) = early;
__attribute__((constructor)) static void start(int argc, char **argv) { printf("constructor %s\n", argv[1]); }
__attribute__((destructor)) static void stop(void) { puts("destructor"); }
int main(void) { puts("main"); return a() + b(); }
E
printf '%s\n' 'preinit 2' 'z: init' 'z: 150' 'z: 200' 'a: init' 'a: 150' 'a: 200' 'b: init' 'b: 150' 'b: 200' \
	'constructor word' main destructor 'b: destructor' 'b: atexit' 'b: fini' 'a: destructor' \
	'a: atexit' 'a: fini' 'z: destructor' 'z: atexit' 'z: fini' | both ./p word
