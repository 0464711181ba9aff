#!/bin/bash
# MatR needs hardly more stack than stock: with the smallest limit for stock it nearly always starts, with a page more always.
. "$(dirname "$0")/system.sh"
needs setarch
fixture
fast ./main <main.expected
export LD_MATR_STORE=$STORE
# with NAME KIB PROGRAM: without randomisation, since that takes up to 8 KiB of the stack
with() {
	env -i LD_MATR_STORE="$STORE" PAD="$1" setarch -R bash -c "ulimit -Ss $2; exec $3" >small.out 2>&1 </dev/null &&
		cmp -s small.out main.expected
}
smallest() {
	local kib
	for kib in 4 8 12 16 20 24 28 32 40; do
		if with "$1" $kib ./main.stock; then echo $kib; return; fi
	done
	fail "stock needs more than 40 KiB"
}
tried() {
	local pad kib more=0
	for pad in 0 512 1024 1536 2048 2560 3072 3584; do
		pad=$(printf "%${pad}s" '')
		kib=$(smallest "$pad")
		with "$pad" "$kib" ./main && continue
		more=$((more + 1))
		with "$pad" $((kib + 4)) ./main || fail "$1: stock starts with $kib KiB, MatR does not with 4 more: $(cat small.out)"
	done
	[ $more -le 3 ] || fail "$1: of 8 programs with a stack that is just large enough for stock, $more do not start"
}
tried "fast path"
touch libtwo.so
falls library-changed ./main <main.expected
tried restart
