#!/bin/bash
# A symbol with another provider and a library from another folder are told; a new version of a library is none of these.
. "$(dirname "$0")/system.sh"
needs jq
mkdir first second
RPATH=$FOLDER/first:$FOLDER/second
SONAME=libz.so.1 lib second/libz.so.1.2 <<<'int z(void) { return 1; } int also(void) { return 1; }'
ln -s libz.so.1.2 second/libz.so.1
lib first/libmiddle.so <<<'int other;'
prog main first/libmiddle.so second/libz.so.1 <<'C'
extern int z(void), also(void);
int main(void) { return z() + also(); }
C
begin() { run_status 0 matr --json epoch begin --all ./main; }
begin
SONAME=libz.so.1 lib second/libz.so.1.3 <<<'int also(void) { return 3; } int more; int z(void) { return 3; }'
ln -sf libz.so.1.3 second/libz.so.1
begin
jq -e '.preflight | .against == 1 and .findings == []' out >/dev/null || { cat out >&2; fail "an upgrade is told as a move"; }
lib first/libmiddle.so <<<'int z(void) { return 5; }'
begin
jq -e '.preflight.findings | length >= 1 and (map(select(.kind == "provider-moved"))[0] |
	.symbols == ["z"] and .from == "libz.so.1" and .to == "libmiddle.so" and .program_count == 1)' out >/dev/null ||
	{ cat out >&2; fail "the other provider is not told"; }
run_status 0 matr epoch show 3
has 'z: libz.so.1 -> libmiddle.so (1 program)' out
cp second/libz.so.1 first/libz.so.1
begin
jq -e '.preflight.findings | length == 1 and (.[0] | .kind == "library-moved" and .subject == "libz.so.1")' out >/dev/null ||
	{ cat out >&2; fail "the other folder is not told"; }
run_status 0 matr --json epoch list
jq -e '[.epochs[].changed.providers_moved] == [0, 0, 1, 0] and [.epochs[].against] == [0, 1, 2, 3]' out >/dev/null ||
	{ cat out >&2; fail "the list does not tell what moved"; }
