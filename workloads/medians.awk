# medians.awk - what measure printed for one program, as one line of the table
#
# Variables: name, path (what the shim said), variants ("lazy now matr", also "exec");
# header=1 prints the titles only.  A ratio is the median of the rounds' ratios, not the
# ratio of the medians; `middle half` is from which to which the middle half of them goes.
# With idle=1 it is a line per number of processes, of the memory of each on average.

function sort(list, n,   i, j, t) {
	for (i = 2; i <= n; i++) {
		t = list[i]
		for (j = i - 1; j > 0 && list[j] > t; j--)
			list[j + 1] = list[j]
		list[j + 1] = t
	}
}
function median(list, n) {
	sort(list, n)
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# The median of a column of one variant's starts.
function column(values, variant,   r, n, list) {
	for (r = 1; r <= rounds; r++)
		if ((r, variant) in values)
			list[++n] = values[r, variant]
	return n ? median(list, n) : -1
}

# Two columns: the median of the ratios, their middle half.
function ratio(above, below, with_half,   r, n, list, text) {
	for (r = 1; r <= rounds; r++)
		if ((r, above) in nsec && (r, below) in nsec)
			list[++n] = nsec[r, above] / nsec[r, below]
	text = n ? sprintf("%.2f", median(list, n)) : "-"
	if (with_half)
		text = text "\t" (n ? sprintf("%.2f-%.2f", list[int((n + 3) / 4)], list[n + 1 - int((n + 3) / 4)]) : "-")
	return text
}

function milliseconds(n) { return n < 0 ? "-" : sprintf("%.2f", n / 1e6) }
function whole(n) { return n < 0 ? "-" : sprintf("%d", n) }

function titles(   v, line) {
	line = idle ? "program\tprocesses" : "program\trounds"
	if (idle) {
		for (v = 1; v <= count; v++) line = line "\tdirty " list_of[v]
		for (v = 1; v <= count; v++) line = line "\tlibraries " list_of[v]
		for (v = 1; v <= count; v++) line = line "\tpss " list_of[v]
		return line "\tmatr/lazy dirty\tmatr/lazy libraries\tmatr/lazy pss\tpath"
	}
	for (v = 1; v <= count; v++) line = line "\t" list_of[v] " ms"
	line = line "\tlazy/matr\tmiddle half\tnow/matr"
	if (count > 3) line = line "\tlazy/exec"
	for (v = 1; v <= count; v++) line = line "\tfaults " list_of[v]
	for (v = 1; v <= count; v++) line = line "\tprivate " list_of[v]
	return line "\tpath"
}

function share(values, c) {
	return (c, "matr") in values && values[c, "lazy"] > 0 ? \
		sprintf("%.2f", values[c, "matr"] / values[c, "lazy"]) : "-"
}
function each(values, c, variant) { return whole((c, variant) in values ? values[c, variant] / c : -1) }
function idle_lines(   i, c, v, line) {
	for (i = 1; i <= sizes; i++) {
		c = size[i]
		line = name "\t" c
		for (v = 1; v <= count; v++) line = line "\t" each(dirty, c, list_of[v])
		for (v = 1; v <= count; v++) line = line "\t" each(files, c, list_of[v])
		for (v = 1; v <= count; v++) line = line "\t" each(pss, c, list_of[v])
		print line "\t" share(dirty, c) "\t" share(files, c) "\t" share(pss, c) "\t" path
	}
}

BEGIN {
	if (variants == "") variants = "lazy now matr"
	count = split(variants, list_of, " ")
	if (header) {
		print titles()
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
$1 == "idle" {
	if (!($3 in known)) size[++sizes] = $3
	known[$3] = 1
	dirty[$3, $2] = $4
	files[$3, $2] = $5
	pss[$3, $2] = $6
	if ($7 != 0)
		failed[$2] = $7
}
END {
	if (header)
		exit
	for (v = 1; v <= count; v++)
		if (list_of[v] in failed)
			path = path ", " list_of[v] " FAILED (" failed[list_of[v]] ")"
	if (idle) {
		idle_lines()
		exit
	}
	line = name "\t" rounds
	for (v = 1; v <= count; v++)
		line = line "\t" milliseconds(column(nsec, list_of[v]))
	line = line "\t" ratio("lazy", "matr", 1) "\t" ratio("now", "matr")
	if (count > 3) line = line "\t" ratio("lazy", "exec")
	for (v = 1; v <= count; v++)
		line = line "\t" whole(column(faults, list_of[v]))
	for (v = 1; v <= count; v++)
		line = line "\t" ((list_of[v] in private) ? whole(private[list_of[v]]) : "-")
	print line "\t" path
}
