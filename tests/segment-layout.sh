#!/bin/bash
# A relocation outside of the executable's writable segments, and no word of it: it dies, and has no image.
. "$(dirname "$0")/lib.sh"

prog p -fPIE -pie -Wl,-z,notext <<'E'
int puts(const char *);
__asm__(".section .rodata\n.globl here\nhere: .quad main\n.text");
extern void *here;
int main(void) { puts("not reached"); return here == 0; }
E
# hide FILE: the entries that tell of relocations in text get a tag that nobody knows, the flag goes
hide() {
	local dynamic at
	dynamic=$(readelf -lW "$1" | awk '$1 == "DYNAMIC" {print $2}')
	at=$(readelf -dW "$1" | awk '/^ 0x/ {if ($2 == "(TEXTREL)") print n; n++}')
	[ -n "$at" ] || fail "no DT_TEXTREL"
	poke "$1" $((dynamic + at * 16)) '\x01\xe0\xff\x6f'
	at=$(readelf -dW "$1" | awk '/^ 0x/ {if ($2 == "(FLAGS)") print n; n++}')
	[ -z "$at" ] || poke "$1" $((dynamic + at * 16 + 8)) '\0'
}
hide p
hide p.stock
stock_only no-image ./p <<<'exit 139'
refused segment-layout ./p
