# align.awk - tab-separated lines as a table: first and last column to the left, numbers to the right
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
