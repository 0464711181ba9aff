#!/bin/bash
# What README.md names exists: files, folders, targets, subcommands, options of matr; it has results.
. "$(dirname "$0")/lib.sh"
readme=$TOP/README.md
{
	grep -oE '\]\([^)#:]+\)' "$readme" | tr -d '])('
	sed -n 's/^| `\([a-z-]*\/\([a-z]*\/\)*\)` |.*/\1/p' "$readme"
	grep -oE '`(run|all|demo|generate|real-programs|releases)`' "$readme" | tr -d '`' | sed 's/^/workloads\//'
} | sort -u >named
[ "$(wc -l <named)" -gt 20 ] || fail "README.md is not as it was"
while read -r name; do
	[ -e "$TOP/$name" ] || echo "$name is not there"
done <named >wrong
grep -oE '(`make|^\./bootstrap) [a-z]+' "$readme" | sort -u | while read -r _ target; do
	grep -q "^$target:" "$TOP/Makefile" || echo "no target $target"
done >>wrong
"$MATR" help >help
grep -oE '(^\$ |`|build/)matr (--store [^ ]+ )?[a-z]+' "$readme" | awk '{ print $NF }' | sort -u | while read -r command; do
	grep -q "^  $command " help || echo "no command $command"
done >>wrong
grep -oE -- ' --[a-z]+' "$readme" | sort -u | while read -r option; do
	grep -q -- "$option" "$TOP/matr/commands.def" "$TOP/matr/main.c" || echo "no option $option"
done >>wrong
sed -n '/^<!-- results/,/^<!-- end/p' "$readme" | grep -q '^400 generated libraries ' || echo "no results" >>wrong
expect wrong </dev/null
