# shellcheck shell=bash
# workloads/upgrades.d/report.sh - the sums of a run as a table, and what must not be; sourced

line() { printf '%s\t%s\n' "$1" "$2"; }
# failures CLASS VERDICT: how many starts
failures() { cat "$logs"/loop.[0-9]* | awk -F '\t' -v c="$1" -v v="$2" '$1 == "failed" && $4 == c && $5 == v { n++ } END { print n + 0 }'; }
total() { cat "$logs"/loop.[0-9]* | awk -F '\t' -v w="$1" '$1 == w { n += $2 } END { print n + 0 }'; }
paths() {
	cat "$logs"/loop.[0-9]* | awk -F '\t' '$1 == "path" { n[$2] += $3; all += $3 }
		END { for (p in n) printf "%s %.1f %%\n", p, 100 * n[p] / all }' | sort -k 2,2nr | paste -sd, | sed 's/,/, /g'
}
# latencies AWK-CONDITION: "median, nine of ten, worst (number)" in seconds
latencies() {
	awk -F '\t' "$1"' && $5 != "-" && $2 !~ /same/ { print $5 }' "$logs/operations" | sort -n |
		awk '{ t[NR] = $1 } END { if (NR) printf "%.2f s, %.2f s, %.2f s (%d)", t[int((NR + 1) / 2)],
			t[int(NR * 9 / 10 + .5)], t[NR], NR; else printf "none" }'
}
trouble() { [ ! -e "$logs/trouble" ] || sed 's/.*: //' "$logs/trouble" | sort | uniq -c | awk '{ n = $1; sub(/ *[0-9]+ /, ""); print $0 " " n }' | paste -sd, | sed 's/,/, /g'; }
left_over() { find "$STORE" -name '*.tmp*' -o -name '*.new' 2>/dev/null | wc -l; }
epochs_kept() { find "$STORE/epochs" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }

must_be_none() { # TITLE NUMBER
	line "$1" "$2"
	[ "$2" = 0 ] || violated=1
}

report() {
	local class
	violated=0
	{
		line what "result"
		line "seed, operations, seconds" "$seed, $runs, $((SECONDS - begun))"
		line 'operations by kind' "$(cut -f 2 "$logs/operations" | sed 's/,same/ (nothing changed)/' | sort | uniq -c | awk '{ n = $1; sub(/ *[0-9]+ /, ""); print $0 " " n }' | paste -sd, | sed 's/,/, /g')"
		line 'of them failed, packages repaired after' "$failed, $repaired"
		[ -z "$kill$full" ] || line 'trouble' "$(trouble)"
		line 'starts, of programs that are not there' "$(total starts), $(total absent)"
		for class in fixed moving; do
			line "failed starts, $class: stock too, removed, window" \
				"$(failures $class stock), $(failures $class gone), $(failures $class window)"
		done
		must_be_none 'starts that failed and would not without MatR' $(($(failures fixed matr) + $(failures moving matr)))
		must_be_none 'starts of fixed programs that failed' $(($(failures fixed stock) + $(failures fixed window) + $(failures fixed gone)))
		[ -z "$with_matr" ] || report_matr
	} >"$logs/table"
	awk -F '\t' -f "$here/align.awk" "$logs/table"
}

report_matr() {
	line 'path taken, in a quarter of the starts' "$(paths)"
	line 'epochs' "$(cut -f 4 "$logs/operations" | sort -u | grep -vcx -- -)"
	line 'programs verified' "$verified"
	must_be_none 'programs with differences' "$wrong"
	must_be_none 'operations without an epoch in 60 s' "$late"
	must_be_none 'epochs that lack a program' "$stale"
	[ -z "$kill" ] || line 'system mode off after a killed hook, until the next' "$off"
	line "dpkg's end to the new epoch, one package: median, nine of ten, worst" "$(latencies '$2 ~ /^(one|dpkg|again|removal$)/')"
	line "the same, every operation" "$(latencies 1)"
	line 'epochs kept, size of the store' "$(epochs_kept), $(du -sm "$STORE" | cut -f 1) MiB"
	must_be_none 'unfinished files left in the store' "$(left_over)"
}
