# sweep.awk - the sweep as a matrix in Markdown: a row per number of objects, "ratio (ms, ms)" in the cells
NR == 1 {
	for (i = 1; i <= NF; i++) number[$i] = i
	next
}
{
	split($1, cell, " x ")
	if (!(cell[1] in rows)) row[++row_count] = cell[1]
	if (!(cell[2] in columns)) column[++column_count] = cell[2]
	rows[cell[1]] = columns[cell[2]] = 1
	value[cell[1], cell[2]] = sprintf("**%s** (%s, %s)", $number["lazy/matr"], $number["lazy ms"], $number["matr ms"])
	if ($number["path"] != "epoch") value[cell[1], cell[2]] = value[cell[1], cell[2]] " *"
}
END {
	line = "| objects "
	rule = "| ---: "
	for (c = 1; c <= column_count; c++) {
		line = line "| " column[c] " function" (column[c] == 1 ? " " : "s ")
		rule = rule "| ---: "
	}
	print line "|\n" rule "|"
	for (r = 1; r <= row_count; r++) {
		line = "| " row[r] " "
		for (c = 1; c <= column_count; c++)
			line = line "| " ((row[r], column[c]) in value ? value[row[r], column[c]] : "") " "
		print line "|"
	}
}
