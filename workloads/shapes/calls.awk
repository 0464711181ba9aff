# calls.awk - the sweep: main needs all libraries, and calls every function of each once

function name(l, f) { return "object" l "_function" f }
BEGIN {
	if (what == "needed") {
		line = "main"
		for (l = 0; l < libraries; l++) {
			print l
			line = line " " l
		}
		print line
		exit
	}
	begin_assembler()
	if (what == "main") {
		print "start run_all\n\tpush %rbx"
		for (l = 0; l < libraries; l++)
			for (f = 0; f < functions; f++) print "\tcall " name(l, f) "@PLT"
		print "\tpop %rbx\n\tret\nfinish run_all"
	} else {
		for (f = 0; f < functions; f++) print "start " name(what, f) "\n\tret\nfinish " name(what, f)
	}
}
