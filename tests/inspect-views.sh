#!/bin/bash
# matr inspect: summary, closure, bindings, one symbol, one object, and the JSON of each.
. "$(dirname "$0")/system.sh"
needs jq
fixture
epoch
run_status 0 matr inspect --summary ./main
has 'libone.so' out
run_status 0 matr inspect --closure ./main
has "$FOLDER/libone.so" out
has "$FOLDER/libtwo.so" out
grep -E 'libone\.so' out | grep -qiE 'runpath' || { cat out >&2; fail "does not say why it was found"; }
run_status 0 matr inspect --bindings ./main
grep -qE 'main.* two .*libtwo\.so' out || { cat out >&2; fail "two is not bound to libtwo.so"; }
grep -qE 'libtwo\.so.* one_calls .* main ' out || { cat out >&2; fail "one_calls is not bound to its copy"; }
grep -qE ' printf@GLIBC_[0-9.]* .*libc\.so\.6' out || { cat out >&2; fail "printf has no version or provider"; }
run_status 0 matr inspect --symbol one_calls ./main
has one_calls out
lacks ' two ' out
run_status 0 matr inspect --symbol 'pri*' ./main
has printf out
run_status 0 matr inspect --object libtwo.so ./main
has one_calls out
lacks printf out
for view in --summary --closure --bindings '--symbol one' '--object libtwo.so' --unresolved --shadowed --unused ''; do
	# shellcheck disable=SC2086 # an option and its argument
	run_status 0 matr inspect --json $view ./main
	[ "$(jq -r '.schema' out)" = 1 ] || { head -c 500 out >&2; fail "$view: no schema"; }
done
