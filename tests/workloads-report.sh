#!/bin/bash
# workloads/report: the page has the numbers of the tables, says what is missing, and what gains little.
. "$(dirname "$0")/lib.sh"
mkdir out
titles='program	rounds	lazy ms	now ms	matr ms	lazy/matr	middle half	now/matr	faults lazy	faults now	faults matr	private lazy	private now	private matr	path'
printf '# facts\n%s\nquick\t9\t10.25\t11.00\t5.00\t2.05\t2.00-2.10\t2.20\t9\t9\t5\t90\t90\t50\tepoch\nslow\t9\t1.00\t1.00\t0.99\t1.01\t1.00-1.02\t1.00\t9\t9\t9\t90\t90\t90\tno-image\n' \
	"$titles" >out/programs.tsv
{
	printf '# facts\n%s\n' "$titles"
	for cell in '1 x 1' '1 x 10' '10 x 1' '10 x 10'; do
		printf '%s\t9\t3.00\t4.00\t2.00\t1.50\t1.4-1.6\t2.0\t9\t9\t5\t90\t90\t50\tepoch\n' "$cell"
	done
} >out/sweep.tsv
printf 'cores\t2\na system call\t88 ns\n' >out/machine.tsv
cp out/programs.tsv out/programs.txt
"$TOP/workloads/report" out 2>err || { cat err >&2; fail "report"; }
page() { grep -qF -- "$1" out/performance.md || { cat out/performance.md; fail "the page lacks: $1"; }; }
page '| program | lazy ms | now ms | matr ms | lazy/matr | middle half | now/matr | faults lazy | faults matr | private lazy | private matr | path |'
page '| quick | 10.25 | 11.00 | 5.00 | 2.05 | 2.00-2.10 | 2.20 | 9 | 5 | 90 | 50 | epoch |'
page '| a system call | 88 ns |'
page '| 10 | **1.50** (3.00, 2.00) | **1.50** (3.00, 2.00) |'
page '| slow | Programs | 1.01 | no-image |'
page '(Not measured in this run.)'
! grep -qE '^@include|\| quick \| Programs' out/performance.md || fail "something is left over"
grep -q '^Programs$' out/report.txt || fail "report.txt"
if command -v gnuplot >/dev/null; then
	grep -q '</svg>' out/speedup.svg && grep -q '</svg>' out/sweep.svg || fail "plots"
	page '(performance/speedup.svg)'
fi
for wrong in "" "--odd out" "--layout epoch out"; do
	status=0
	# shellcheck disable=SC2086 # words
	"$TOP/workloads/all" $wrong >/dev/null 2>&1 || status=$?
	[ $status = 2 ] || fail "all $wrong: exit $status"
done
