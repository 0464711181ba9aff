# align.awk - tab-separated lines as a table: first and last column to the left, numbers to the right
#
# Of titles that follow each other and begin with the same word (`faults lazy`, `faults now`)
# only the first keeps it.
NR == 1 {
	for (i = NF; i > 1; i--)
		if (split($i, own, " ") == 2 && split($(i - 1), before, " ") == 2 && own[1] == before[1])
			$i = own[2]
}
{
	for (i = 1; i <= NF; i++) {
		cell[NR, i] = $i
		if (length($i) > width[i])
			width[i] = length($i)
	}
	columns = NF
}
END {
	for (r = 1; r <= NR; r++) {
		line = ""
		for (i = 1; i <= columns; i++)
			line = line sprintf(i == 1 || i == columns ? "%-*s" : "%*s", width[i], cell[r, i]) "  "
		sub(/ +$/, "", line)
		print line
	}
}
