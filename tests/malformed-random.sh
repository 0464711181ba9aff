#!/bin/bash
# matr-ld and an epoch over randomly damaged files: no crash, good programs beside them get their images.
. "$(dirname "$0")/system.sh"
tool patch
fixture
prog base libone.so libtwo.so <<<"extern int two(void); int main(void) { return two() - 2; }"
epoch
RANDOM=99
size=$(stat -c %s base)
for i in $(seq 60); do
	cp base "bad$i"
	for _ in 1 2 3; do ./patch "bad$i" $(((RANDOM * 32768 + RANDOM) % (i % 2 ? size - 8 : 2000))) 8 "$((RANDOM * RANDOM))" >/dev/null; done
	status=0
	timeout 20 "$BUILD/matr-ld" ./"bad$i" >out 2>err </dev/null || status=$?
	case $status in 0 | 1) ;; *) cat err >&2; fail "exit $status for bad$i" ;; esac
done
epoch ./main bad*
EPOCH=begun
fast ./main <main.expected
