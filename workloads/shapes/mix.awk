# mix.awk - libraries with the mix of relocations that those of a Debian system have together
#
# Names are as long as those of C++, and equal but for digits in their middle.  Each library
# needs four (the median) with a higher number.  Of its references a quarter is to its own
# functions; 62 % are words in data (as in tables of virtual functions), 8 % addresses in the
# GOT, 30 % calls through the PLT, of which the first `calls` are made at run time.

function name(l, f) {
	return sprintf("generated_workload_module_%04d_interface_function_%05d_with_arguments_of_usual_length", l, f)
}
function entry(l) { return sprintf("generated_workload_module_%04d_run", l) }
# A function that this library has not yet referred to.
function another(l,   to, f, tries) {
	do {
		to = random(4) == 0 || neighbours == 0 ? l : near[random(neighbours)]
		f = random(functions)
	} while (((to, f) in seen) && tries++ < 20)
	seen[to, f] = 1
	return name(to, f)
}
function choose_neighbours(l,   k, n) {
	begin_random(l)
	neighbours = 0
	delete taken
	for (k = 0; k < 4 && l + 1 < libraries; k++) {
		n = k == 0 ? l + 1 : l + 1 + random(libraries - l - 1)
		if (n in taken) continue
		taken[n] = 1
		near[neighbours++] = n
	}
}
function library(l,   k, words, got, plt) {
	choose_neighbours(l)
	words = int(references * 62 / 100); got = int(references * 8 / 100); plt = references - words - got
	begin_assembler()
	for (k = 0; k < functions; k++)
		print "start " name(l, k) "\n\tlea " (l + k) "(%rdi),%eax\n\tret\nfinish " name(l, k)
	print "start " entry(l) "\n\tpush %rbx"
	for (k = 0; k < plt; k++) {
		if (k == calls) print "\tjmp 1f"
		print "\tcall " another(l) "@PLT"
	}
	for (k = 0; k < got; k++) print "\tmov " another(l) "@GOTPCREL(%rip),%rax"
	print "1:"
	if (l + 1 < libraries) print "\tcall " entry(l + 1) "@PLT"
	print "\tpop %rbx\n\tret\nfinish " entry(l)
	print ".section .data.rel.ro,\"aw\",@progbits\n.balign 8"
	for (k = 0; k < words; k++) print "\t.quad " another(l)
}
function needed(l,   k) {
	choose_neighbours(l)
	printf "%d", l
	for (k = 0; k < neighbours; k++) printf " %d", near[k]
	print ""
}
BEGIN {
	if (calls == "") calls = int(references * 30 / 400)
	if (what == "needed") {
		for (l = 0; l < libraries; l++) needed(l)
		print "main 0"
	} else if (what == "main") {
		begin_assembler()
		print "start run_all\n\tjmp " entry(0) "@PLT\nfinish run_all"
	} else {
		library(what + 0)
	}
}
