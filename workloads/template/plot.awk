# plot.awk - what gnuplot draws; variables: plot, part
#
# speedup: "name" ratio ratio-of-exec; large: "name" lazy now matr; sweep: objects functions ratio;
# memory: "name" lazy matr (MiB of Private_Dirty, of the last row of each program).
NR == 1 {
	for (i = 1; i <= NF; i++) number[$i] = i
	next
}
function name() {
	gsub(/[<>"]/, "", $1)
	return "\"" $1 "\""
}
plot == "speedup" && part == "programs" && $number["lazy/matr"] != "-" {
	print name(), $number["lazy/matr"], "lazy/exec" in number ? $number["lazy/exec"] : "?"
}
plot == "large" && (part == "paper" || part == "tasks" || $1 ~ /generated libraries/) && part !~ /cold|together|idle/ {
	print name(), $number["lazy ms"], $number["now ms"], $number["matr ms"]
}
plot == "sweep" && part == "sweep" {
	split($1, cell, " x ")
	if (cell[1] != last && last != "") print "\n"
	last = cell[1]
	print cell[1], cell[2], $number["lazy/matr"]
}
plot == "memory" && (part == "idle" || part == "gtk") && $number["dirty matr"] != "-" {
	if (!($1 in last_of)) order[++programs] = $1
	last_of[$1] = sprintf("%.2f %.2f", $number["dirty lazy"] / 1024, $number["dirty matr"] / 1024)
}
END {
	for (p = 1; p <= programs; p++) print "\"" order[p] "\"", last_of[order[p]]
}
