#!/bin/bash
# An epoch goes out as an OCI image layout, and comes in at another store: right, fast, at other addresses.
. "$(dirname "$0")/export.sh"
tool patch
fixture
fast ./main <main.expected
run_status 0 matr epoch export layout
cp out first.out
has "programs     1, with" out
jq -e '.imageLayoutVersion == "1.0.0"' layout/oci-layout >/dev/null || fail "oci-layout"
jq -e '.manifests | length == 1 and .[0].annotations["org.opencontainers.image.ref.name"] == "epoch"' layout/index.json >/dev/null ||
	fail "index.json"
for blob in layout/blobs/sha256/*; do
	[ "$(digest "$blob")" = "sha256:${blob##*/}" ] || fail "$blob is not what its name says"
done
{ jq -r '.config, .layers[] | "\(.digest) \(.size)"' "$(manifest layout)" && jq -r '.manifests[0] | "\(.digest) \(.size)"' layout/index.json; } |
	sort >named
for blob in layout/blobs/sha256/*; do echo "sha256:${blob##*/} $(stat -c %s "$blob")"; done | sort >there
same "blobs" named there
import_into other layout
jq -e '.imported == 1 and .refused == [] and .resolved == 0 and .published == 1' import.json >/dev/null || { cat import.json; fail "import"; }
base() { ./patch -i "$(find "$1/current/prog/" -type f)" 344 8 +0; }
[ "$(base other)" != "$(base "$STORE")" ] || fail "the loader has the same address in both stores"
STORE=$FOLDER/other
fast ./main <main.expected
run_status 0 matr verify --all
# From the other store it is the same artifact, byte by byte; nothing is new in the same folder.
run_status 0 matr epoch export layout
has "of these new 0, " out
same digest <(grep digest first.out) <(grep digest out)
run_status 0 matr --json epoch begin --all ./main
jq -e '.unchanged' out >/dev/null || fail "the next epoch has something to do"
