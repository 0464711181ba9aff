#!/bin/bash
# Utilities named before the module that needs them too: each entry decides about the order, all stay.
. "$(dirname "$0")/needs_closure.sh"

needs_closure
for ((i = 1; i < 40; i++)); do
	utilities=(libu{0..19}.so)
	needs_link m$i "${utilities[@]}" libm$((i - 1)).so --unresolved-symbols=ignore-in-shared-libs
done
./p.stock >expected.stock
both ./p <expected.stock
shows 0
