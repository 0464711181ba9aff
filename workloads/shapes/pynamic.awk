# pynamic.awk - the structure of Pynamic's libraries, as `config_pynamic.py 900 1250 -e -u 350
# 1250 -n 150` makes them
#
# 7 of 18 libraries are utilities, the others modules.  Each has between half and one and a half
# times `functions` functions, with 150 more characters in their names.  A function calls the
# next one of its library, ten in a row; a function of a module first calls one of any utility.
# A module needs all utilities and the module before it, and calls one function of that (with
# shape pynamic-once only the first module needs the utilities).  main needs all modules, then
# all utilities, and visits every module.  All calls go through the PLT.  What is left out is what
# the functions do to spend time (loops, and calling the same function ten times).

function utilities() { return int(libraries * 7 / 18) }
function name(l, f) { return names[l < utilities()] l "_function" f suffix }
function entry(l) { return "module" l "_entry" }
function extern(l) { return "module" l "_extern" }
function count(l) {
	begin_random(l)
	return int(functions / 2) + random(functions + 1)
}
function library(l,   u, f, n, k) {
	for (u = 0; u < utilities(); u++) many[u] = count(u)
	n = count(l)
	begin_assembler()
	for (f = 0; f < n; f++) {
		print "start " name(l, f) "\n\tpush %rbx"
		if (l >= utilities() && utilities() > 0) {
			u = random(utilities())
			print "\tcall " name(u, random(many[u])) "@PLT"
		}
		if (f % 10 < 9 && f + 1 < n) print "\tcall " name(l, f + 1) "@PLT"
		print "\tpop %rbx\n\tret\nfinish " name(l, f)
	}
	if (l < utilities()) return
	print "start " extern(l) "\n\tret\nfinish " extern(l)
	print "start " entry(l) "\n\tpush %rbx"
	for (f = 0; f < n; f += 10) print "\tcall " name(l, f) "@PLT"
	if (l > utilities()) print "\tcall " extern(l - 1) "@PLT"
	print "\tpop %rbx\n\tret\nfinish " entry(l)
}
function needed(l,   u) {
	printf "%d", l
	if (l > utilities()) printf " %d", l - 1
	if (l == utilities() || (l > utilities() && shape == "pynamic"))
		for (u = 0; u < utilities(); u++) printf " %d", u
	print ""
}
function main_calls(   l) {
	begin_assembler()
	print "start run_all\n\tpush %rbx"
	for (l = utilities(); l < libraries; l++) print "\tcall " entry(l) "@PLT"
	print "\tpop %rbx\n\tret\nfinish run_all"
}
BEGIN {
	names[0] = "libmodule"; names[1] = "libutility"
	for (k = 0; k < 150; k++) suffix = suffix k % 10
	if (what == "needed") {
		for (l = 0; l < libraries; l++) needed(l)
		printf "main"
		for (l = utilities(); l < libraries; l++) printf " %d", l
		for (l = 0; l < utilities(); l++) printf " %d", l
		print ""
	} else if (what == "main") {
		main_calls()
	} else {
		library(what + 0)
	}
}
