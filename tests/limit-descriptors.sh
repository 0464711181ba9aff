#!/bin/bash
# Under every limit of open descriptors where stock starts, the program starts with MatR too.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
worked=0
for n in 3 4 5 6 7 8 16; do
	run_into stock.out bash -c "ulimit -n $n; exec ./main.stock"
	if cmp -s stock.out main.expected; then
		right bash -c "ulimit -n $n; exec ./main" <main.expected
		worked=$((worked + 1))
	fi
done
[ $worked -gt 3 ] || fail "stock works under $worked limits only"
# The same where all the lower ones are taken.
for n in 11 12 13 14 15 16; do
	take='for i in 3 4 5 6 7 8 9; do eval "exec $i</dev/null"; done; ulimit -n '$n'; exec '
	run_into stock.out bash -c "$take ./main.stock"
	cmp -s stock.out main.expected || continue
	right bash -c "$take ./main" <main.expected
	worked=$((worked + 1))
done
[ $worked -gt 8 ] || fail "stock works under $worked limits only"
