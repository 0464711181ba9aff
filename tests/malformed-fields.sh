#!/bin/bash
# matr-ld with nasty values in every field of headers, dynamic section, symbols, hash tables: no crash, no endless loop.
. "$(dirname "$0")/system.sh"
tool patch
fixture
sane() {
	local status=0
	timeout 20 "$BUILD/matr-ld" "$1" >out 2>err </dev/null || status=$?
	case $status in 0 | 1) ;; *) cat err >&2; fail "exit $status: $2" ;; esac
}
part() { readelf -SW libtwo.so | sed -n "s/.*\] $1 .* \([0-9a-f]\{6\}\) \([0-9a-f]\{6\}\) [0-9a-f]\{2\} .*/\1 \2/p"; }
cp libtwo.so whole
tried=0
try() { # OFFSET WIDTH
	for value in 0 1 0xffffffffffffffff 0x7ffffff0; do
		cat whole >libtwo.so
		./patch libtwo.so "$1" "$2" $value >/dev/null || continue
		sane ./main "offset $1, $2 bytes, $value"
		tried=$((tried + 1))
	done
}
for o in 16 18 20 24 32 40 52 54 56; do try $o $((o == 24 || o == 32 || o == 40 ? 8 : 2)); done
for i in $(seq 0 8); do for f in 0 4; do try $((64 + 56 * i + f)) 4; done; for f in 8 16 32 40 48; do try $((64 + 56 * i + f)) 8; done; done
for section in '\.dynamic' '\.gnu\.hash' '\.dynsym' '\.rela\.dyn' '\.rela\.plt' '\.gnu\.version_r'; do
	read -r at size <<<"$(part "$section")" || continue
	for o in $(seq 0 8 $((0x$size > 200 ? 200 : 0x$size - 8))); do try $((0x$at + o)) 8; done
done
[ $tried -gt 400 ] || fail "only $tried tries"
