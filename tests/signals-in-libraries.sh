#!/bin/bash
# Signal handlers in a library, alternate stacks and sigsetjmp, with floating point state kept.
. "$(dirname "$0")/lib.sh"

lib liba.so -lm <<'E'
#include <math.h>
#include <setjmp.h>
#include <signal.h>
static sigjmp_buf back;
volatile double state;
static void handler(int s) { state = sqrt(state); siglongjmp(back, s); }
int a(double x)
{
	state = x;
	signal(SIGUSR1, handler);
	int s = sigsetjmp(back, 1);
	if (!s)
		raise(SIGUSR1);
	return s * 100 + (int)state;
}
E
prog p liba.so <<'E'
#include <stdio.h>
int a(double);
int main(void) { int x = a(81); printf("%d %d\n", x, a(16)); return 0; }
E
both ./p <<<'1009 1004'
