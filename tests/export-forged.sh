#!/bin/bash
# Layers with good digests and random damage inside: refused or right, never a crash or a wrong start.
. "$(dirname "$0")/export.sh"
needs zstd
fixture
fast ./main <main.expected
run_status 0 matr epoch export good
RANDOM=7
for round in {1..16}; do
	rm -rf layout other && cp -r good layout
	layer=$(jq -r ".layers[$((RANDOM % $(jq '.layers | length' "$(manifest good)")))].digest" "$(manifest good)")
	zstd -qdc <"good/blobs/sha256/${layer#*:}" >bundle
	size=$(stat -c %s bundle)
	case $((round % 4)) in
	0) truncate -s $((RANDOM * 7 % size)) bundle ;;
	*) for _ in {1..3}; do poke bundle $(((RANDOM << 15 | RANDOM) % size)) "\\x$(printf %02x $((RANDOM & 255)))"; done ;;
	esac
	zstd -qfc <bundle >packed
	replace_blob layout "$layer" packed
	status=0
	other_store other epoch import --all layout >out 2>err </dev/null || status=$?
	case $status in
	0) LD_MATR_REQUIRE=1 LD_MATR_STORE=$FOLDER/other ./main >started && same "round $round" main.expected started ;;
	1 | 3) [ -s err ] && [ ! -e other/current ] || fail "round $round: exit $status without a word" ;;
	*) cat err >&2; fail "round $round: exit $status" ;;
	esac
done
[ -e other ] || fail "nothing was tried"
