# markdown.awk - a table of workloads/run as Markdown; without what the page does not need (all=1: with it)
NR == 1 {
	for (i = 1; i <= NF; i++) {
		keep[i] = all || $i !~ /^(rounds|faults now|private now|dirty now|libraries now|pss now)$/
		if (keep[i]) {
			titles = titles "| " $i " "
			rule = rule (i == 1 || i == NF ? "| --- " : "| ---: ")
		}
	}
	print titles "|\n" rule "|"
	next
}
{
	line = ""
	for (i = 1; i <= NF; i++)
		if (keep[i]) line = line "| " $i " "
	gsub(/</, "\\&lt;", line)
	print line "|"
}
