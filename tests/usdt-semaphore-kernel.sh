#!/bin/bash
# The kernel counts a uprobe's semaphore in the running process, also under MatR.
. "$(dirname "$0")/lib.sh"
echo '#include <sys/sdt.h>' | gcc -E - >/dev/null 2>&1 || skip "no sys/sdt.h"
tracefs=$(awk '$3 == "tracefs" { print $2; exit }' /proc/mounts)
{ [ -n "$tracefs" ] && [ -w "$tracefs/uprobe_events" ]; } || skip "no writable tracefs"

lib liba.so <<'E'
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
__extension__ unsigned short test_hit_semaphore __attribute__((unused, section(".probes")));
int a(int n) { STAP_PROBE1(test, hit, n); return test_hit_semaphore; }
E
prog p liba.so <<'E'
#include <stdio.h>
int a(int);
int main(void) { printf("%d\n", a(1)); return 0; }
E
both ./p <<<0
offset() { # of an address in the file, which is what the kernel wants
	readelf -lW liba.so | while read -r type offset address _ bytes _; do
		[ "$type" = LOAD ] || continue
		[ $(($1 < address || $1 >= address + bytes)) = 1 ] || printf '0x%x\n' $(($1 - address + offset))
	done
}
location=$(offset "$(readelf -nW liba.so | awk '/Location:/ { print $2 }' | tr -d ,)")
semaphore=$(offset "$(readelf -nW liba.so | awk '/Semaphore:/ { print $NF }')")
event=matr_$$
echo "p:$event/hit $FOLDER/liba.so:$location($semaphore)" >>"$tracefs/uprobe_events" || skip "no uprobes here"
off() { echo 0 >"$tracefs/events/$event/enable"; echo "-:$event/hit" >>"$tracefs/uprobe_events"; on_exit; }
trap off EXIT
echo 1 >"$tracefs/events/$event/enable" || skip "uprobes cannot be enabled"
[ "$(./p.stock)" = 1 ] || skip "the kernel does not count semaphores on this file system"
both ./p <<<1
