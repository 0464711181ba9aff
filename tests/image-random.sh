#!/bin/bash
# Random damage anywhere in the image, the pages' head and the gate: always the right output.
. "$(dirname "$0")/system.sh"
tool patch
fixture
fast ./main <main.expected
image=$(the_image)
pages=$(readlink -f "$STORE/current/pages")
loader=$(find "$STORE/loader" -type f)
chmod u+w "$image" "$pages" "$loader"
RANDOM=4711
for round in $(seq 150); do
	case $((round % 3)) in
	0) file=$pages limit=4096 from=0 ;;
	1) file=$loader limit=128 from=$(($(stat -c %s "$loader") - 4096)) ;;
	2) file=$image limit=$(stat -c %s "$image") from=0 ;;
	esac
	at=$((from + (RANDOM * 32768 + RANDOM) % (limit - 8)))
	cp "$file" whole
	./patch "$file" $at 8 "^$((RANDOM + 1))" >/dev/null
	run_into out LD_MATR_STORE="$STORE" ROUND="$round $file $at" ./main
	expect out <main.expected
	cat whole >"$file"
done
fast ./main <main.expected
