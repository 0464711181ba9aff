# common.awk - what the shapes of generated libraries share
#
# A shape is run with -v what=needed ("library needed..." for each library), what=N (the
# assembler of library N) or what=main (that of run_all, which main.c calls).

function random(n) { state = (state * 16807) % 2147483647; return state % n }

# Each library has numbers of its own, so that libraries can be made in any order.
function begin_random(part,   i) {
	state = (seed * 69069 + part * 7919) % 2147483646 + 1
	for (i = 0; i < 8; i++) random(2)
}

# Each function begins with `start NAME` and ends with `finish NAME`.
function begin_assembler() {
	print ".macro start name\n.globl \\name\n.type \\name,@function\n\\name:\n.endm"
	print ".macro finish name\n.size \\name,.-\\name\n.endm"
	print ".section .note.GNU-stack,\"\",@progbits\n.text"
}
