#!/bin/bash
# epoch diff: programs and libraries of any two epochs that are kept, also backwards; of one that is not, its sentence.
. "$(dirname "$0")/system.sh"
needs jq
fixture
other_program
begin() { run_status 0 matr epoch begin --all "$@"; }
differ() { run_status 0 matr --json epoch diff "$1" "$2"; jq -e "$3" out >/dev/null || { cat out >&2; fail "diff $1 $2: not $3"; }; }
begin ./main
begin ./main ./other
touch libthree.so
begin ./main ./other
mv libthree.so kept.so
lib libone.so -Wl,--build-id=0x1234 <<<'int one_calls; int two(void) { return 7; } int one(void) { return 1; }'
begin ./main ./other
mv kept.so libthree.so
begin ./other
differ 1 2 '.programs_added == ["'"$FOLDER"'/other"] and .programs_removed == [] and .programs_changed == 0 and
	[.libraries[] | select(.old | not).path] == ["'"$FOLDER"'/libthree.so"] and .schema == 1'
differ 2 3 '.programs_added == [] and .programs_changed == 0 and .libraries == [] and .findings == []'
differ 2 4 '.programs_changed == 2 and .totals.broken == 1 and .totals.providers_moved == 1 and
	(.libraries[] | select(.path == "'"$FOLDER"'/libone.so").new.build_id == "1234")'
differ 4 2 '.totals.repaired == 1 and .totals.broken == 0 and .totals.providers_moved == 1'
differ 4 5 '.programs_removed == ["'"$FOLDER"'/main"] and .totals.repaired == 1'
run_status 0 matr epoch diff 2 4
has 'epoch 2 -> 4: 1 program broke, 1 symbol has another provider' out
has 'two: libtwo.so -> libone.so (1 program)' out
for _ in 1 2 3 4; do begin --force ./other; done # so many more stay where a process cannot be looked at
run_status 0 matr epoch gc --keep 1
run_status 1 matr epoch diff 1 9
has 'epoch 1 is not kept any more' err
run_status 1 matr epoch diff 9 12
has 'no epoch 12' err
run_status 2 matr epoch diff 5
