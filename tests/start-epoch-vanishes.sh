#!/bin/bash
# The epoch ends, or its whole store goes, while a program starts: it starts all the same.
. "$(dirname "$0")/system.sh"
tool at_open
fixture
for when in before after; do
	for file in /libone.so /libtwo.so /libc.so.6; do
		epoch
		fast ./main <main.expected
		right ./at_open $when $file "rm -f $STORE/current" ./main <main.expected
		epoch
		right ./at_open $when $file "rm -rf $STORE" ./main <main.expected
		[ -n "${STOCK-}" ] || falls no-epoch ./main <main.expected
	done
done
