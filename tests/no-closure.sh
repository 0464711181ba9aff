#!/bin/bash
# A PIE that needs no library at all: nothing to bind, and it starts.
. "$(dirname "$0")/lib.sh"

prog p -nostdlib -pie -fPIE -Wl,-e,start <<'E'
__asm__(".globl start\nstart: mov $60, %eax\nmov number(%rip), %rdi\nmov (%rdi), %edi\nsyscall\n"
	".data\nnumber: .quad where\nwhere: .long 23\n.text");
E
stock_only no-image ./p <<<'exit 23'
refused no-closure ./p
