#!/bin/bash
# Libraries found through ld.so.cache, also in its hwcaps subfolders; another folder order after ldconfig.
. "$(dirname "$0")/lib.sh"
private_etc

mkdir one two
for n in one two; do
	RPATH='' lib $n/libcached.so.1 <<<"const char *f(void) { return \"$n\"; }"
done
RPATH='' prog p two/libcached.so.1 <<'E'
#include <stdio.h>
const char *f(void);
int main(void) { puts(f()); return 0; }
E
{ echo "$FOLDER/one" && echo "$FOLDER/two" && cat /etc/ld.so.conf.d/*.conf; } >/etc/ld.so.conf
ldconfig -X # it would remove links through /etc/alternatives, which this /etc does not have
both ./p <<<one
mkdir -p two/glibc-hwcaps/x86-64-v2
RPATH='' lib two/glibc-hwcaps/x86-64-v2/libcached.so.1 <<<'const char *f(void) { return "two, v2"; }'
{ echo "$FOLDER/two" && cat /etc/ld.so.conf.d/*.conf; } >/etc/ld.so.conf
ldconfig -X
EPOCH=
if /lib64/ld-linux-x86-64.so.2 --help | grep -q 'x86-64-v2 (supported'; then both ./p <<<'two, v2'; fi
rm /etc/ld.so.cache
EPOCH=''
stock_only no-image ./p <<'E'
./p: error while loading shared libraries: libcached.so.1: cannot open shared object file: No such file or directory
exit 127
E
refused library-missing ./p
