#!/bin/bash
# Artifacts that are damaged, of another kind or of another version: an error, and the current epoch stays.
. "$(dirname "$0")/export.sh"
fixture
fast ./main <main.expected
run_status 0 matr epoch export good
import_into other good
bad() { # STATUS TEXT
	run_status "$1" other_store other epoch import layout
	has "$2" err
	[ "$(readlink other/current)" = "$current" ] || fail "another epoch is current: $2"
	[ "$(other_store other --json epoch list | jq '.epochs | length')" = 1 ] || fail "an epoch more: $2"
	rm -rf layout && cp -r good layout
}
current=$(readlink other/current)
cp -r good layout
for blob in good/blobs/sha256/*; do
	poke "layout/blobs/sha256/${blob##*/}" $(($(stat -c %s "$blob") / 2)) '\xa5\x5a'
	bad 1 "is damaged"
	: >"layout/blobs/sha256/${blob##*/}"
	bad 1 "is damaged"
	rm "layout/blobs/sha256/${blob##*/}"
	bad 1 "cannot open"
done
for text in '' '{' '[]' '{"manifests":{}}' '{"manifests":[1]}' '{"manifests":[{"digest":"sha256:0","size":1,"mediaType":"a"}]}'; do
	echo "$text" >layout/index.json && bad 1 "layout"
done
rm layout/oci-layout && bad 1 "is no OCI image layout"
jq -c '.manifests += .manifests' good/index.json >layout/index.json && bad 1 "more than one artifact: 'epoch', 'epoch'"
change() { jq -c "$1" "$(manifest good)" >"$(manifest layout)" && seal_layout layout; }
change '.config.mediaType = "application/vnd.oci.image.config.v1+json"' && bad 1 "holds no exported epoch"
change '.layers[0].mediaType = "text/plain"' && bad 1 "a layer of type 'text/plain'"
change '.layers[0].size = 99999999999' && bad 1 "99999999999 bytes, more than"
change '.layers = [.layers[0] | range(600) as $i | .]' && bad 1 "the manifest is damaged"
change '.layers = []' && bad 3 "no program of 'layout' is here"
change 'del(.layers)' && bad 1 "the manifest is damaged"
config=$(jq -r .config.digest "$(manifest good)")
for field in schema engine records bundle; do
	jq -c ".$field = 99" "good/blobs/sha256/${config#*:}" >config
	replace_blob layout "$config" config && bad 1 "another version of MatR"
done
run_status 1 other_store other epoch import --name none good && has "has no such name: 'epoch'" err
STORE=$FOLDER/other
fast ./main <main.expected
