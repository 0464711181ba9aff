#!/bin/bash
# workloads/generate: each shape links, runs through all its libraries, and is the same every time.
. "$(dirname "$0")/lib.sh"
needs as ld.bfd
generate=$TOP/workloads/generate
jump_slots() { readelf -rW "$1"/*.so "$1/main" | grep -c JUMP_SLO; }
bound() { LD_DEBUG=statistics "$1/main" 2>&1 | awk '/final number of relocations:/ { print $NF }'; }

"$generate" -l 5 -f 8 -r 40 mix
./mix/main || fail "mix does not run"
readelf -dW mix/libgen0000.so | grep -q 'NEEDED.*libgen0001' || fail "mix: needs"
"$generate" -s pynamic -l 18 -f 30 pynamic
./pynamic/main || fail "pynamic does not run"
readelf -dW pynamic/libgen0017.so | grep NEEDED | sed 's/.*\[\(.*\)\]/\1/' >needed
{ echo libgen0016.so && printf 'libgen%04d.so\n' 0 1 2 3 4 5 6; } | expect needed
readelf -W --dyn-syms pynamic/libgen0000.so | grep -qE ' libutility0_function0[0-9]{150}$' || fail "pynamic: names"
[ "$(bound pynamic)" -ge $(($(jump_slots pynamic) - 30)) ] || fail "pynamic: not everything is bound at run time"
"$generate" -s pynamic-once -l 18 -f 30 once
./once/main || fail "pynamic-once does not run"
[ "$(jump_slots once)" = "$(jump_slots pynamic)" ] || fail "pynamic-once binds something else"
[ "$(readelf -dW once/libgen0017.so | grep -c NEEDED)" = 1 ] || fail "pynamic-once: needs"
"$generate" -s calls -l 3 -f 4 calls
./calls/main || fail "calls does not run"
[ "$(readelf -rW calls/main | grep -c 'object[0-2]_function[0-3]')" = 12 ] || fail "calls: not every function is called"

before=$(stat -c %Y%i calls/main)
"$generate" -s calls -l 3 -f 4 calls
[ "$(stat -c %Y%i calls/main)" = "$before" ] || fail "made again without need"
sum=$(cat mix/*.so | cksum)
rm mix/generated
"$generate" -l 5 -f 8 -r 40 mix
[ "$(cat mix/*.so | cksum)" = "$sum" ] || fail "the same arguments made other files"
for wrong in "-s odd" "-l x" "-s calls" "-z"; do
	status=0
	# shellcheck disable=SC2086 # words
	"$generate" $wrong out 2>/dev/null || status=$?
	[ $status = 2 ] || fail "$wrong: exit $status"
done
