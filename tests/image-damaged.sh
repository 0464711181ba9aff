#!/bin/bash
# Damaged or foreign published files, field by field: the stock path with the right reason, never a crash.
. "$(dirname "$0")/system.sh"
MATR_TEST_LAYOUT=epoch
tool patch
fixture -no-pie
fast ./main <main.expected
image=$(the_image)
pages=$(readlink -f "$STORE/current/pages")
gate=$(find "$STORE/loader" -type f)
magic=0 layers=0 members=0 segments=0 loader_segments=0 build_ids=0 loader_path=0 loader_name=0 words=0 exe_dynamic=0
while read -r member at; do declare "$member=$at"; done \
	< <(sed -n 's/^MATR_ASSERT_OFFSET(struct matr_image_header, \([a-z_]*\), \([0-9]*\));/\1 \2/p' "$TOP/image/format.h")
number() { od -An -td4 -j "$1" -N 4 "$image" | tr -d ' '; }
m=$(number $((members))) s=$(number $((segments))) l=$(number $((loader_segments))) b=$(number $((build_ids)))
y=$(number $((layers))) p=$(number $((loader_path))) n=$(number $((loader_name))) w=$(($(number $((words))) + 16 * $(number $((exe_dynamic)))))
: "$magic $y $m $s $l $b $p $n $w" # the table's names
chmod u+w "$image" "$pages" "$gate"
tried=0
while read -r what seal offset width value reason; do
	case $what in ''|'#'*) continue ;; esac
	file=${!what}
	cp "$file" whole
	kind=-${what:0:1}
	[ "$seal" = yes ] || kind=
	[ "$what$kind" != gate ] || kind=-G
	# shellcheck disable=SC2086 # perhaps no option
	./patch $kind "$file" $((offset)) "$width" "$value" >/dev/null || fail "cannot patch: $what $offset"
	falls "$reason" WHERE="$what $seal $offset $value" ./main <main.expected
	cat whole >"$file"
	tried=$((tried + 1))
done <"$TESTS/wrong-exec.table"
fast ./main <main.expected
[ "$tried" -gt 60 ] || fail "only $tried lines"
