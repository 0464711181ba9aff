#!/bin/bash
# One library changes: the next epoch shares pages, images and addresses of the rest, and adds a layer with what is new.
. "$(dirname "$0")/system.sh"
needs jq
lib libone.so <<<'int n = 1; int *p = &n; int one(void) { return *p; }'
lib libtwo.so libone.so <<<'extern int one(void); static int (*call)(void) = one; int two(void) { return 2 * call(); }'
for name in 'main libtwo.so' other; do
	# shellcheck disable=SC2086 # a name, and perhaps a library
	prog $name libone.so <<-C
	#include <stdio.h>
	extern int one(void), two(void) __attribute__((weak));
	int main(void) { printf("${name% *} %d %d %p\n", one(), two ? two() : 0, (void *)printf); return 0; }
	C
done
begin() { run_status 0 matr --json epoch begin --all ./main ./other; cp out epoch.json; EPOCH=begun; }
start() { LD_MATR_REQUIRE=1 LD_MATR_STORE=$STORE "$@"; }
state() { (start ./main; start ./other) >"$1"; stat -c '%i %n' "$STORE"/current/prog/* "$STORE"/current/pages* >"$1.inodes"; }
begin
state first
lib libtwo.so libone.so <<<'extern int one(void); static int (*call)(void) = one; int two(void) { return 3 * call(); } int more = 1;'
begin
[ "$(jq -c '[.resolved, .published]' epoch.json)" = '[1,2]' ] || fail "resolved and published: $(cat epoch.json)"
state second
sed 's/^main 1 2 /main 1 3 /' first >want
same 'the rest keeps its addresses' want second
[ "$(sort first.inodes second.inodes | uniq -d | wc -l)" = 2 ] && [ -f "$STORE/current/pages.1" ] ||
	{ cat ./*.inodes >&2; fail "not shared: other's image and the pages"; }
for value in 4 5 6 7 8 9 10 11; do
	lib libone.so <<<"int n = $value; int *p = &n; int one(void) { return *p; } int grown[$value] = {1};"
	begin
	start ./other | grep -q "^other $value 0 " || fail "other $value"
	start ./main | grep -q "^main $value $((3 * value)) " || fail "main $value"
	[ "$(find "$STORE/current/" -name 'pages*' | wc -l)" -le 8 ] || fail "too many layers"
done
[ "$(sed 's/.* //;q' first)" != "$(start ./main | sed 's/.* //')" ] || fail "all was written anew, but not elsewhere"
chmod u+w "$STORE/current/layout" && truncate -s -1 "$STORE/current/layout"
lib libone.so <<<'int n = 1; int *p = &n; int one(void) { return *p; }'
begin
start ./main | grep -q '^main 1 3 ' || fail "after a damaged ledger"
[ ! -e "$STORE/current/pages.1" ] || fail "built upon a damaged ledger"
