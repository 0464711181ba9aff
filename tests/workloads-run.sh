#!/bin/bash
# workloads/run: tables of times and of memory, as text and TSV, with the path that was taken.
. "$(dirname "$0")/lib.sh"
unshare -m true 2>/dev/null || unshare -rm true 2>/dev/null || skip "no private mount namespaces"
mkdir build && ln -s "$MATR" "$SHIM" build
run() { BUILD=$FOLDER/build "$TOP/workloads/run" "$@" 2>err || { cat err >&2 && return 1; }; }
printf '# a comment\nhello\tWORK/hello-dynamic\nfloor\tWORK/hello-static\nchild\tHERE/configure-like 1\ttr sed\nodd\tno-such-program\n' >list

run --rounds 3 --all --list list --tsv table.tsv >table || fail "run"
grep -q '^left out: odd (not installed)$' err || { cat err >&2; fail "what is not installed"; }
cut -f 1,2,6- table.tsv | sed -n 's/[0-9.]*-[0-9.]*\t/H\t/; s/[0-9][0-9.]*/N/g; 2,$p' >shape
expect shape <<'END'
program	rounds	lazy/matr	middle half	now/matr	faults lazy	faults now	faults matr	private lazy	private now	private matr	path
hello	N	N	H	N	N	N	N	N	N	N	epoch
floor	N	H	-	-	N	N	-	N	N	-	static
child	N	N	H	N	N	N	N	N	N	N	epoch N of N
END
[ "$(sed 1d table | awk '{ print $1 }' | tr '\n' ' ')" = "program hello floor child " ] || { cat table; fail "text"; }
run --rounds 3 --together 4 --list list floor >table || fail "together"
run --idle 1,2 --all --tsv idle.tsv -- /bin/cat >table || fail "idle"
sed -n '2,$p' idle.tsv | cut -f 1,2,15 >shape
expect shape <<'END'
program	processes	path
cat	1	epoch
cat	2	epoch
END
! run --rounds 3 -- /bin/false >table 2>&1 || fail "a failing program"
grep -q 'lazy FAILED (1)' table || { cat table; fail "which one failed"; }
status=0
"$TOP/workloads/run" --odd >out 2>&1 || status=$?
[ $status = 2 ] && grep -q '^	run \[OPTION\]' out || fail "a wrong option"
