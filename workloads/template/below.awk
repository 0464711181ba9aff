# below.awk - rows of Markdown: what gained less than a tenth
NR == 1 {
	for (i = 1; i <= NF; i++) number[$i] = i
	next
}
{
	ratio = $number["lazy/matr"]
	if (ratio != "-" && ratio + 0 < 1.10)
		print "| " $1 " | " part " | " ratio " | " $number["path"] " |"
}
