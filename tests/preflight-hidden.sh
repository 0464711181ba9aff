#!/bin/bash
# Definitions that are hidden with an update are told, whether they won before or were not there; weak ones are not.
. "$(dirname "$0")/system.sh"
needs jq
lib libfirst.so <<<'int twice(void) { return 1; } int inlined(void) { return 1; }'
lib libsecond.so <<<'int second(void) { return 2; }'
lib libcaller.so <<<'extern int inlined(void); int caller(void) { return inlined(); }'
prog main libfirst.so libsecond.so libcaller.so <<'C'
extern int twice(void), second(void), caller(void);
int main(void) { return twice() + second() + caller(); }
C
hidden() {
	run_status 0 matr --json epoch begin --all ./main
	jq -e "[.preflight.findings[] | select(.kind == \"shadowed\") | {symbols, from, to}] == $1" out >/dev/null ||
		{ cat out >&2; fail "hidden is not $1"; }
}
hidden '[]'
lib libsecond.so <<<'int second(void) { return 2; } int alone; __attribute__((weak)) int inlined(void) { return 2; }'
hidden '[]'
lib libsecond.so <<<'int second(void) { return 2; } int twice(void) { return 2; }'
hidden '[{"symbols": ["twice"], "from": "libsecond.so", "to": "libfirst.so"}]'
lib libfirst.so <<<'int twice(void) { return 1; } int inlined(void) { return 1; } int second(void) { return 1; }'
hidden '[{"symbols": ["second"], "from": "libsecond.so", "to": "libfirst.so"}]'
touch libfirst.so
hidden '[]'
run_status 0 matr epoch diff 2 5
has 'second, twice: of libsecond.so, by libfirst.so (1 program)' out
has '2 definitions are hidden now' out
run_status 0 matr epoch diff 5 1
has 'definitions are no longer hidden:' out
has 'second, twice: of libsecond.so, by libfirst.so (1 program)' out
lacks 'hidden now' out
run_status 0 matr epoch gc --keep 2
run_status 0 matr epoch diff 5 4
