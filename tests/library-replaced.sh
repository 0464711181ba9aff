#!/bin/bash
# A library replaced by another since the epoch (rename, rewritten in place): the new one is used.
. "$(dirname "$0")/system.sh"
fixture
mkdir new
five() { (cd new && RPATH='' lib libone.so <<<"int one_calls; int one(void) { one_calls++; return $1; }"); }
fast ./main <main.expected
five 5
mv new/libone.so libone.so
printf 'one 5\ntwo 10\ncalls 3\n' >five.expected
falls library-changed ./main <five.expected
epoch
fast ./main <five.expected
five 6
cat new/libone.so >libone.so # the same inode and, but for a number, the same bytes
printf 'one 6\ntwo 12\ncalls 3\n' >six.expected
falls library-changed ./main <six.expected
epoch
fast ./main <six.expected
