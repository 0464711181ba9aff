#!/bin/bash
# A portable loader carries no answers to cpuid; an image tells when another processor would find other libraries.
. "$(dirname "$0")/portable.sh"
tool patch
fixture
begin() { run_status 0 matr epoch begin --force --portable --all ./main; EPOCH=begun; }
flags() { ./patch -i "$(the_image)" 64 4 +0; }
begin
[ "$(./patch -g "$(find "$STORE/loader" -type f)" 164 4 +0)" = 0 ] || fail "the gate has answers"
fast ./main <main.expected
[ $(($(flags) & 2)) = 0 ] || fail "the level is checked"
for level in 2 3 4; do
	mkdir -p glibc-hwcaps/x86-64-v$level
	touch glibc-hwcaps/x86-64-v$level/other.so
done
begin
[ $(($(flags) & 2)) = 0 ] || fail "the level is checked for another library"
cp libone.so glibc-hwcaps/x86-64-v4
begin
[ $(($(flags) & 2)) = 2 ] || fail "the level is not checked"
fast ./main <main.expected
