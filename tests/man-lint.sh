#!/bin/bash
# The manual pages are clean, and every command of matr is in matr(1).
. "$(dirname "$0")/lib.sh"
needs mandoc
for page in "$TOP"/man/*.[158]; do
	mandoc -T lint -W warning "$page" >>lint || true
done
expect lint </dev/null
sed -n 's/^COMMAND(\([a-z]*\),.*/\1/p' "$TOP/matr/commands.def" >commands
while read -r command; do
	grep -q "^\.It Nm Cm $command" "$TOP/man/matr.1" || echo "$command"
done <commands >missing
grep -oE -- '--[a-z]+(-[a-z]+)*' "$TOP/matr/commands.def" | sort -u |
	while read -r option; do
		grep -qE -- "Fl -${option#--}( |$)" "$TOP/man/matr.1" || echo "$option"
	done >>missing
expect missing </dev/null
