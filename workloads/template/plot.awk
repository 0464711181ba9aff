# plot.awk - what gnuplot draws; variables: plot, part
#
# speedup and large: "name" ratio-or-lazy [now matr]; sweep: objects functions ratio;
# memory: "name" processes lazy matr (Pss in MiB of all).
NR == 1 {
	for (i = 1; i <= NF; i++) number[$i] = i
	next
}
function name() {
	gsub(/[<>"]/, "", $1)
	return "\"" $1 "\""
}
plot == "speedup" && part == "programs" && $number["lazy/matr"] != "-" { print name(), $number["lazy/matr"] }
plot == "large" && (part == "paper" || part == "tasks" || $1 ~ /generated libraries/) && part !~ /cold|together|idle/ {
	print name(), $number["lazy ms"], $number["now ms"], $number["matr ms"]
}
plot == "sweep" && part == "sweep" {
	split($1, cell, " x ")
	if (cell[1] != last && last != "") print "\n"
	last = cell[1]
	print cell[1], cell[2], $number["lazy/matr"]
}
plot == "memory" && (part == "idle" || part == "gtk") && $number["pss matr"] != "-" {
	print name(), $number["processes"], $number["pss lazy"], $number["pss matr"]
}
