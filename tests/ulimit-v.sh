#!/bin/bash
# Under every limit of address space where stock starts with 64 KiB less (the shim is in there too), MatR starts.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
fast bash -c 'ulimit -v 100000; exec ./main' <main.expected
worked=0 refused=0
for kb in 1500 1900 2100 2300 2500 2700 2900 3100 3300 3600 4000 5000 8000 20000; do
	run_into stock.out bash -c "ulimit -v $((kb - 64)); exec ./main.stock"
	if cmp -s stock.out main.expected; then
		right bash -c "ulimit -v $kb; exec ./main" <main.expected
		worked=$((worked + 1))
	else
		refused=$((refused + 1))
	fi
done
[ "$worked" -gt 2 ] && [ "$refused" -gt 2 ] || fail "no limit in between: $worked worked, $refused did not"
