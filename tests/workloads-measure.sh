#!/bin/bash
# workloads/measure prints a line per start and variant, memory of idle processes, and failures.
. "$(dirname "$0")/lib.sh"
gcc -std=gnu11 -O1 -D_GNU_SOURCE -I"$TOP" -o measure "$TOP"/workloads/measure*.c || fail "measure does not build"
gcc -std=gnu11 -O1 -D_GNU_SOURCE -o facts "$TOP/workloads/facts.c" || fail "facts does not build"
[ "$(./facts | grep -cE '^[^	]+	[0-9]+$')" = 6 ] || fail "facts"

shape() { sed -E 's/	[0-9]+/	N/g' "$1" | sort | uniq -c | awk '{ $1 = $1; print }'; }
./measure -n 4 -t 1 -- /bin/true >times
shape times >shapes
expect shapes <<'END'
1 memory lazy N
1 memory now N
4 start N lazy N N N N N N
4 start N now N N N N N N
END
./measure -n 3 -j 5 -- /bin/false >together
[ "$(awk -F '\t' '$1 == "start" && $NF != 1' together | wc -l)" = 0 ] || fail "a failing program's status"
./measure -i 1,3 -- /bin/cat >idle
shape idle >shapes
expect shapes <<'END'
2 idle lazy N N N N N
2 idle now N N N N N
END
awk -F '\t' '$4 <= 0 || $4 < $5 || $6 <= 0 || $7 != 0
	$3 == 1 { one[$2] = $4 }
	$3 == 3 && $4 < 2 * one[$2]' idle >wrong
expect wrong </dev/null
./measure -i 1 -- /bin/true | grep -q '	1$' || fail "a program that does not wait is not told"
for wrong in "" "-j 0 -- /bin/true" "-e odd:A=1 -- /bin/true" "-z"; do
	status=0
	# shellcheck disable=SC2086 # words
	./measure $wrong 2>/dev/null || status=$?
	[ $status = 2 ] || fail "'$wrong': exit $status"
done
