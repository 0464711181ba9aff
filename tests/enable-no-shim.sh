#!/bin/bash
# Nothing is enabled where the shim is missing, is no shim, or not everyone can reach it.
. "$(dirname "$0")/system.sh"
short_shim
plain good <<<'int main(void) { return 0; }'
cp good before
refuse() {
	run_status 1 matr enable --interpreter "$1" good
	cmp good before || fail "$1: the program has changed"
}
refuse "$SHORT/none"
refuse "$SHORT"
refuse ld-matr.so.1
echo text >"$SHORT/text" && chmod 755 "$SHORT/text"
refuse "$SHORT/text"
refuse "$SHORT/ld-matr.so.1-with-a-name-that-is-too-long"
chmod 644 "$SHIM"
refuse "$SHIM"
chmod 755 "$SHIM"
if [ "$(id -u)" = 0 ]; then
	chmod 700 "$SHORT"
	refuse "$SHIM"
	chmod 755 "$SHORT"
fi
run_status 0 matr enable --interpreter "$SHIM" good
./good
