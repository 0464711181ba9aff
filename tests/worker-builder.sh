#!/bin/bash
# The process that makes an epoch writes its store and nothing else, gets no privileges back and keeps few.
. "$(dirname "$0")/system.sh"
fixture
nm "$MATR" | grep -q __asan_init && skip "a sanitizer comes first"
tool has_landlock
./has_landlock || skip "no Landlock"
# socketpair() is called when the first worker is made.
gcc -shared -fPIC -D_GNU_SOURCE -x c -o preload.so - <<'C'
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static void tell(const char *what, int ret) { dprintf(2, "%s: %s\n", what, ret < 0 ? strerror(errno) : "done"); }
int socketpair(int domain, int type, int protocol, int *pair)
{
	tell("file", open("outside", O_WRONLY | O_CREAT, 0644));
	tell("overwrite", open("main", O_WRONLY));
	tell("folder", mkdir("folder", 0755));
	tell("rename", rename("main", "renamed"));
	tell("store", open("store/own", O_WRONLY | O_CREAT, 0644));
	return syscall(SYS_socketpair, domain, type, protocol, pair);
}
C
LD_PRELOAD=$PWD/preload.so "$MATR" --store "$STORE" epoch begin --here --all . 2>err >out || { cat err >&2; fail "no epoch"; }
EPOCH=begun
fast ./main <main.expected
grep -E '^(file|overwrite|folder|rename|store): ' err | sort -u >told
expect told <<'OUT'
file: Permission denied
folder: Permission denied
overwrite: Permission denied
rename: Permission denied
store: done
OUT
