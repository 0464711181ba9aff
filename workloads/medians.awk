# medians.awk - what measure printed for one program, as one line of the table
#
# Variables: name, path (what the shim said); header=1 prints the titles only.
# A ratio is the median of the rounds' ratios, not the ratio of the medians.

function median(list, n,   i, j, t) {
	for (i = 2; i <= n; i++) {
		t = list[i]
		for (j = i - 1; j > 0 && list[j] > t; j--)
			list[j + 1] = list[j]
		list[j + 1] = t
	}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# The median of a column of one variant's starts.
function column(values, variant,   r, n, list) {
	for (r = 1; r <= rounds; r++)
		if ((r, variant) in values)
			list[++n] = values[r, variant]
	return n ? median(list, n) : -1
}

function ratio(above, below,   r, n, list) {
	for (r = 1; r <= rounds; r++)
		if ((r, above) in nsec && (r, below) in nsec)
			list[++n] = nsec[r, above] / nsec[r, below]
	return n ? sprintf("%.2f", median(list, n)) : "-"
}

function milliseconds(n) { return n < 0 ? "-" : sprintf("%.2f", n / 1e6) }
function whole(n) { return n < 0 ? "-" : sprintf("%d", n) }

BEGIN {
	split("lazy now matr", variants, " ")
	if (header) {
		print "program\trounds\tlazy ms\tnow ms\tmatr ms\tlazy/matr\tnow/matr\tfaults lazy\tnow\tmatr" \
			"\tprivate lazy\tnow\tmatr\tpath"
		skip = 1
		exit
	}
}
$1 == "start" {
	rounds = $2
	nsec[$2, $3] = $4
	faults[$2, $3] = $5
	if ($9 != 0)
		failed[$3] = $9
}
$1 == "memory" { private[$2] = $3 }
END {
	if (skip)
		exit
	line = name "\t" rounds
	for (v = 1; v <= 3; v++)
		line = line "\t" milliseconds(column(nsec, variants[v]))
	line = line "\t" ratio("lazy", "matr") "\t" ratio("now", "matr")
	for (v = 1; v <= 3; v++)
		line = line "\t" whole(column(faults, variants[v]))
	for (v = 1; v <= 3; v++)
		line = line "\t" ((variants[v] in private) ? whole(private[variants[v]]) : "-")
	for (v = 1; v <= 3; v++)
		if (variants[v] in failed)
			path = path ", " variants[v] " FAILED (" failed[variants[v]] ")"
	print line "\t" path
}
