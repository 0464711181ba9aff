#!/bin/bash
# The copied variable holds pointers that were relocated in its library, also to the program.
. "$(dirname "$0")/lib.sh"

lib liba.so -Wl,-z,undefs <<'E'
int own(void) { return 1; }
int hook(void);
extern int shared;
int shared = 3;
struct s { const char *name; int (*own)(void), (*hook)(void); int *number; long inside; };
struct s data = { "name", own, hook, &shared, 9 };
int through(void) { return data.own() + data.hook() + *data.number; }
E
prog p -no-pie -fno-pic liba.so <<'E'
#include <stdio.h>
struct s { const char *name; int (*own)(void), (*hook)(void); int *number; long inside; };
extern struct s data;
extern int shared;
int through(void);
int hook(void) { return 20; }
int main(void)
{
	shared = 400;
	printf("%s %d %d %d %ld %d\n", data.name, data.own(), data.hook(), *data.number, data.inside, through());
	return 0;
}
E
both ./p <<<'name 1 20 400 9 421'
