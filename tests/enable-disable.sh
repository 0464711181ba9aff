#!/bin/bash
# enable writes the shim's name and nothing else, the program then uses MatR; disable restores the exact bytes.
. "$(dirname "$0")/system.sh"
short_shim
fixture
for f in ./main.stock /bin/ls /usr/bin/env /bin/bash; do
	cp "$f" here
	cp -p here before
	run_status 0 matr enable --interpreter "$SHIM" here
	[ "$(stat -c %s here)" = "$(stat -c %s before)" ] || fail "another size"
	[ "$(cmp -l before here | wc -l)" -le 28 ] || fail "more than the name has changed"
	readelf -lW here >headers
	has "[Requesting program interpreter: $SHIM]" headers
	readelf -p .interp here >section
	has "$SHIM" section
	run_status 0 matr disable here
	cmp before here || fail "not the bytes of before"
done
cp main.stock here
run_status 0 matr enable --interpreter "$SHIM" here
epoch ./here
fast ./here <main.expected
run_status 0 matr disable here
run_into out LD_MATR_REQUIRE=1 LD_MATR_STORE="$FOLDER/none" ./here
expect out <main.expected
