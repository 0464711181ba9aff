#!/bin/bash
# At the program's entry: stack aligned with argc on top, the destructor function in rdx, x87 and SSE control as usual.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so -nostartfiles <<'C'
#include <stdio.h>
#include <stdlib.h>
extern int one(void);
__asm__(".globl _start\n_start: xor %ebp,%ebp\n mov %rsp,%rdi\n mov %rdx,%rsi\n and $-16,%rsp\n call begin\n hlt");
void begin(unsigned long *sp, void (*fini)(void))
{
	unsigned short x87;
	unsigned sse;
	unsigned long flags;
	__asm__("fnstcw %0\n stmxcsr %1\n pushf\n pop %2" : "=m"(x87), "=m"(sse), "=r"(flags));
	printf("aligned %d argc %lu argv0 %s\n", (unsigned long)sp % 16 == 0, sp[0] * one(), (char *)sp[1]);
	printf("fini %d x87 %x sse %x direction %lu\n", fini != 0, x87, sse, flags >> 10 & 1);
	exit(0);
}
C
for n in '' a 'a b'; do
	# shellcheck disable=SC2086 # no, one and two arguments
	both ./main $n <<E
aligned 1 argc $(($(wc -w <<<"$n") + 1)) argv0 ./main
fini 1 x87 37f sse 1f80 direction 0
E
done
