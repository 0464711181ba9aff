#!/bin/bash
# Every reason of reason.def has a case that shows it, or is excused here.
. "$(dirname "$0")/system.sh"
excused='none at-secure no-loader unreadable-file loader-unknown'
#  none             is not a reason
#  at-secure        a set-id program obeys no variable, so it tells nothing: see set-id
#  no-loader        there is nothing that could be run: see the case no-loader
#  unreadable-file  an I/O error of the disk
#  loader-unknown   no released glibc hides its mmap
sed -n 's/^REASON([0-9]*, [A-Z_]*, "\([a-z-]*\)".*/\1/p' "$TOP/image/reason.def" >names
[ "$(wc -l <names)" -gt 40 ] || fail "reason.def is not as it was"
while read -r name; do
	case " $excused " in *" $name "*) continue ;; esac
	grep -qE "(falls|stock_only|refused|demand|^[^#]* )$name( |\$|\"|')" "$TESTS"/*.sh "$TESTS"/*.table 2>/dev/null ||
		echo "$name"
done <names >uncovered
expect uncovered </dev/null
