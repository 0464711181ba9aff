#!/bin/bash
# A running program can be enabled and disabled, also one of several names; it goes on undisturbed.
. "$(dirname "$0")/system.sh"
short_shim
plain tool <<'C'
#include <stdio.h>
int main(void)
{
	int c;
	puts("ready");
	fflush(stdout);
	c = getchar();
	printf("got %c\n", c);
	return 5;
}
C
cp tool before
try() { # COMMAND...: while ./tool runs
	mkfifo in out.fifo
	./tool <in >out.fifo &
	pid=$!
	exec 4>in 5<out.fifo
	read -r line <&5
	[ "$line" = ready ] || fail "said $line"
	run_status 0 "$@"
	echo x >&4
	read -r line <&5
	[ "$line" = 'got x' ] || fail "said $line"
	exec 4>&- 5<&-
	wait $pid && fail "status" || [ $? = 5 ] || fail "status"
	rm in out.fifo
}
try matr enable --interpreter "$SHIM" tool
readelf -lW tool >headers
has "$SHIM" headers
try matr disable tool
cmp tool before
ln tool second
try matr enable --interpreter "$SHIM" tool second
[ tool -ef second ] || fail "two files now"
readelf -lW second >headers
has "$SHIM" headers
try matr disable tool second
cmp second before
