#!/bin/bash
# workloads/system_tools.sh - what compilers, link editors, debuggers and others do; inside a root, for workloads/system-mode
#
# Prints everything that they say, without what differs from run to run: process ids and addresses.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root
rm -rf /tmp/tools && mkdir /tmp/tools && cd /tmp/tools || exit 1

# use NAME COMMAND: only where its first word is there
use() {
	command -v "${2%% *}" >/dev/null || return
	echo "== $1"
	timeout 60 bash -c "$2" 2>&1 | sed -E '/debuginfod/Id; s/0x[0-9a-f]+/0xX/g; s/==[0-9]+==/==PID==/; s/(LWP |reg-xstate/)[0-9]+/\1N/g; s/--[0-9]+--/--PID--/
		s/[0-9]+ (killed|exited)/N \1/; s/(process|Thread) [0-9]+/\1 N/; s/in (_start|_dl_start_user|\?\?) \(\)( from [^ ]*)?/in start/'
	echo "exit ${PIPESTATUS[0]}"
}

cat >one.c <<'C'
int ready;
__thread int mine = 3;
extern __thread int theirs;
__attribute__((constructor)) static void make_ready(void) { ready = 41; }
int one(void) { return ++ready + mine + theirs; }
C
echo '__thread int theirs = 4; int late(int x) { return x + 1; }' >late.c
cat >main.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
extern int one(void);
extern void *__libc_stack_end;
static int each(struct dl_phdr_info *i, size_t n, void *d)
{
	const char *s = strrchr(i->dlpi_name, '/');
	return printf("object %s\n", s ? s : i->dlpi_name) < 0;
}
int main(void)
{
	void *h = dlopen("./liblate.so", RTLD_NOW);
	int (*late)(int) = (int (*)(int))dlsym(h, "late");
	void *l = dlopen("/lib64/ld-linux-x86-64.so.2", RTLD_NOW | RTLD_NOLOAD);
	void *s = dlopen("ld-linux-x86-64.so.2", RTLD_NOW | RTLD_NOLOAD);
	printf("one %d late %d loader %d %d %d\n", one(), late(1), l != 0, l == s, __libc_stack_end != 0);
	return dl_iterate_phdr(each, 0);
}
C
echo 'int main(void) { try { throw 1; } catch (int) { return 7; } }' >throw.cc
flags='-g -O1 -ftls-model=global-dynamic'
# shellcheck disable=SC2086 # words
make_all() {
	local ld=$1 pie
	gcc $flags -fuse-ld=$ld -shared -fPIC late.c -o liblate.so -Wl,-soname,liblate.so
	gcc $flags -fuse-ld=$ld -shared -fPIC one.c ./liblate.so -o libone.so -Wl,-soname,libone.so,-rpath,/tmp/tools
	for pie in '-fPIE -pie' '-fno-pic -no-pie'; do
		gcc $flags -fuse-ld=$ld $pie main.c ./libone.so ./liblate.so -o "main${pie##*-}" -ldl -Wl,-rpath,/tmp/tools
	done
	gcc -static $flags -fuse-ld=$ld -o main-static -x c - <<<'int main(void) { return 3; }'
	sha256sum lib*.so main* | sort
}
export flags
export -f make_all
for ld in mold lld gold bfd; do
	! command -v ld.$ld >/dev/null || use "gcc, ld.$ld" "type gcc >/dev/null && make_all $ld"
	use "$ld: programs" 'ls main* >/dev/null; ./mainpie; ./main-static; echo $?'
done
p=./mainpie
ld=/lib64/ld-linux-x86-64.so.2
use ldd "ldd $p ./main-static /bin/ls"
use verify "$ld --verify $p; $ld --list $p; $ld --verify /etc/passwd; $ld /nonexistent"
use 'ld.so as a program' "$ld --library-path /tmp/tools $p; $ld --help; $ld --list-tunables; $ld"
use preload "env LD_PRELOAD=./liblate.so $p; LD_PRELOAD=$ld $p; LD_PRELOAD=/nonexistent $p"
use library-path "env LD_LIBRARY_PATH=/nonexistent /bin/ls /"
use debug "env LD_DEBUG=libs,bindings LD_BIND_NOW=1 $p 2>&1 | grep -c 'binding file'"
use trace "env LD_TRACE_LOADED_OBJECTS=1 $p"
use show-auxv "env LD_SHOW_AUXV=1 /bin/true | grep -c :"
use c++ 'g++ throw.cc -o throw && ./throw'
use sanitizers "gcc -g -fsanitize=address,leak main.c ./libone.so ./liblate.so -o main-asan -ldl && ./main-asan"
use perl "perl -MPOSIX -e 'print POSIX::floor(3.7), qq(\n); system(q(/bin/echo), 1)'"
use python 'python3 -c "import ctypes, threading; print(ctypes.CDLL(None).getpid() > 0)"'
use git 'git --version'
use sudo 'sudo -n id'
use su "su nobody -s /bin/sh -c 'id -un'"
use set-id 'setpriv --reuid 65534 passwd -S'
use capabilities 'setpriv --no-new-privs --bounding-set -all /bin/true'
use env 'env -i /usr/bin/env'
use strace "strace -f -e trace=execve,exit_group $p"
use ltrace "ltrace -e late $p"
use gdb "gdb --version | head -n 1"
for p in ./mainpie ./mainpic; do
	use "gdb $p" "gdb -nx -batch -ex 'set breakpoint pending on' -ex 'set startup-with-shell off' -ex 'break make_ready' -ex 'break late' \
		-ex run -ex bt -ex 'info sharedlibrary' -ex continue -ex bt -ex 'info symbol __tls_get_addr' -ex 'print mine' -ex continue $p </dev/null"
	use "gdb $p, from the start" "gdb -nx -batch -ex 'set startup-with-shell off' -ex starti -ex 'info sharedlibrary' \
		-ex 'break _dl_debug_state' -ex continue -ex continue $p </dev/null | grep -v '^#0\|^0xX\|Program stopped'"
done
use gdb-core "gdb -nx -batch -ex 'set startup-with-shell off' -ex 'set breakpoint pending on' -ex 'break late' -ex run -ex 'gcore core' ./mainpie \
	>/dev/null 2>&1; gdb -nx -batch -ex bt -ex 'info sharedlibrary' ./mainpie core"
use valgrind "valgrind -q --error-exitcode=9 ./mainpie; valgrind --leak-check=full ./mainpie 2>&1 | tail -n 3"
use dpkg 'dpkg -V libc6 libc-bin; dpkg -S /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'
use file "file -b ./mainpie | sed 's/BuildID.*//'"
use ldconfig 'ldconfig -p | wc -l; ldconfig; ldconfig -p | wc -l; ldconfig -p | grep ld-linux; ls /lib64 | grep -v matr; ldconfig -p | grep matr-'
