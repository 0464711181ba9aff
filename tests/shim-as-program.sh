#!/bin/bash
# ld-matr.so.1 run as a program is the system's loader: runs programs, lists, verifies, refuses alike.
. "$(dirname "$0")/system.sh"
fixture
loader=/lib64/ld-linux-x86-64.so.2
run_into out "$SHIM" /bin/echo x 'y z'
expect out <<<'x y z'
run_into out "$SHIM" ./main.stock a b
{ cat main.expected; echo exit 2; } | expect out
other=--argv0\ other # since glibc 2.33
$loader --help | grep -q -e --argv0 || other=
# shellcheck disable=SC2086 # two words or none
run_into out "$SHIM" $other --library-path "$FOLDER" ./main
expect out <main.expected
for arguments in '--list ./main' '--verify ./main' '--verify /etc/passwd' '--list /nonexistent' '/nonexistent' '--help' ''; do
	[ "$arguments" != --help ] || $loader --help >/dev/null 2>&1 || continue # not before 2.33
	# shellcheck disable=SC2086 # several words
	run_into want.raw $loader $arguments
	# shellcheck disable=SC2086
	run_into got.raw "$SHIM" $arguments
	for f in want got; do
		sed "s| (0x[0-9a-f]*)||; s|$SHIM|LOADER|g; s|$loader|LOADER|g; s|LOADER => LOADER|LOADER|" $f.raw >$f.out
	done
	same "$arguments" want.out got.out
done
has 'LOADER' got.out
