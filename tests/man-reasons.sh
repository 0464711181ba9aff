#!/bin/bash
# ld-matr.so(8) lists every reason of reason.def, with its number and its sentence, and no other.
. "$(dirname "$0")/lib.sh"
sed -n 's/^REASON(\([0-9]*\), [A-Z_]*, "\([a-z-]*\)", "\(.*\)")$/\1 \2 \3/p' "$TOP/image/reason.def" |
	grep -v '^0 ' >reasons
[ "$(wc -l <reasons)" -gt 40 ] || fail "reason.def is not as it was"
sed -n 's/^\.It \([0-9]*\) Ta Sy \([a-z-]*\) Ta \(\\&\)\{0,1\}\(.*\)/\1 \2 \4/p' \
	"$TOP/man/ld-matr.so.8" >told
same reasons reasons told
