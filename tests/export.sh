# shellcheck shell=bash
# tests/export.sh - for the cases about export and import; sources system.sh
#
#	other_store FOLDER COMMAND...  matr on another store than the case's
#	import_into FOLDER ARG...      matr epoch import --all, into that store; its JSON is in import.json
#	manifest DIR                   path of the manifest of an OCI image layout with one artifact
#	seal_layout DIR                the manifest was edited: its digest and size in index.json again
#	replace_blob DIR OLD NEW       another content (a file) for a blob of the manifest, digests made good

. "$(dirname "${BASH_SOURCE[0]}")/system.sh"
needs jq sha256sum

other_store() {
	local store=$1
	shift
	"$MATR" --store "$store" "$@"
}

import_into() {
	local store=$1
	shift
	other_store "$store" --json epoch import --all "$@" >import.json
}

digest() { echo "sha256:$(sha256sum "$1" | cut -d' ' -f1)"; }

manifest() { echo "$1/blobs/sha256/$(jq -r '.manifests[0].digest' "$1/index.json" | cut -d: -f2)"; }

# An edited file of blobs/sha256 gets the name that its content has.
rename_blob() {
	local new
	new=$(digest "$2")
	[ "$2" = "$1/blobs/sha256/${new#*:}" ] || mv "$2" "$1/blobs/sha256/${new#*:}"
	echo "$new"
}

seal_layout() {
	local file new
	file=$(manifest "$1")
	new=$(rename_blob "$1" "$file")
	jq -c --arg d "$new" --argjson n "$(stat -c %s "$1/blobs/sha256/${new#*:}")" \
		'.manifests[0].digest = $d | .manifests[0].size = $n' "$1/index.json" >index.new
	mv index.new "$1/index.json"
}

replace_blob() {
	local dir=$1 old=$2 new file
	cp "$3" "$dir/blobs/sha256/new"
	new=$(rename_blob "$dir" "$dir/blobs/sha256/new")
	file=$(manifest "$dir")
	jq -c --arg o "$old" --arg d "$new" --argjson n "$(stat -c %s "$3")" \
		'(.config, .layers[]) |= if .digest == $o then .digest = $d | .size = $n else . end' "$file" >manifest.new
	cat manifest.new >"$file"
	seal_layout "$dir"
}
