#!/bin/bash
# A library that is damaged since the epoch (empty, cut, no ELF): stock's message and status.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
cp libtwo.so whole
for keep in 0 100 5000 wrong; do
	cat whole >libtwo.so
	if [ $keep = wrong ]; then
		printf 'text' | dd of=libtwo.so conv=notrunc status=none
	else
		truncate -s $keep libtwo.so
	fi
	run_into stock.out ./main.stock
	sed -i 's|\./main\.stock|./main|' stock.out
	has 'exit 1' stock.out
	right ./main <stock.out
done
cat whole >libtwo.so
falls library-changed ./main <main.expected
