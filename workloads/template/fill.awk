# fill.awk - the page: lines "@include NAME@" become folder/NAME.md
/^@include .*@$/ {
	name = substr($0, 10, length($0) - 10)
	file = folder "/" name ".md"
	lines = 0
	while ((getline line <file) > 0) {
		print line
		lines++
	}
	close(file)
	if (!lines && name !~ /-plot$/) print "(Not measured in this run.)"
	next
}
{ print }
