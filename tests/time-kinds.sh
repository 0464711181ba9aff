#!/bin/bash
# matr time of programs that MatR does not speed up: the reason is told, stock is timed all the same; --try leaves nothing.
. "$(dirname "$0")/system.sh"
needs_root
needs jq
unshare -m true 2>/dev/null || skip "no mount namespaces"
fixture
cp main.stock unknown
cp main.stock setid
chmod u+s setid
gcc -static -o still -x c - <<<'int main(void) { return 0; }' 2>/dev/null || skip "no static libc"
epoch ./main ./setid
why() { # NAME MATR PROGRAM OPTION...: reason, is there a matr column
	run_status 0 matr --json time --rounds 1 "${@:4}" "$3"
	jq -e --arg name "$1" --argjson matr "$2" \
		'(.reason.name // "none") == $name and (.variants.matr != null) == $matr and .variants.lazy.nsec > 0' out >/dev/null ||
		{ cat out >&2; fail "$*"; }
}
why none true ./main
cp main twin
why none true ./twin # a copy has the same image
why set-id false ./setid
jq -e '.without_relocation_nsec == null and .speed_up.lazy == null' out >/dev/null || fail "numbers for a program that MatR never touches"
why static false ./still
why static false ./still --until exit
matr epoch end
why no-epoch true ./unknown
jq -e '.without_relocation_nsec > 0' out >/dev/null || fail "no estimate"
mkdir tmp
TMPDIR=$FOLDER/tmp why none true ./unknown --try
jq -e '.tried and .epoch == 1' out >/dev/null || fail "nothing was tried"
[ -z "$(ls tmp)" ] || fail "the temporary store is still there"
LD_LIBRARY_PATH=/nowhere why ld-variable true ./main.stock
matr epoch begin /bin/true >/dev/null
run_status 0 matr time --rounds 1 ./unknown
has 'stock path: no-image: epoch' out
has 'does not know it' out
