#!/bin/bash
# A store of another user, or one that others may write to, is not trusted: neither by root nor by a user.
. "$(dirname "$0")/system.sh"
needs_root
public_shim
fixture
ordinary=(setpriv --reuid=1234 --regid=1234 --clear-groups)
fast ./main <main.expected
fast "${ordinary[@]}" ./main <main.expected
image=$(the_image)
pages=$(readlink -f "$STORE/current/pages")
folder=$(readlink -f "$STORE/current")
for file in "$image" "$pages" "$folder" "$(find "$STORE/loader" -type f)"; do
	chown 4321 "$file"
	falls store-untrusted ./main <main.expected
	falls store-untrusted "${ordinary[@]}" ./main <main.expected
	chown 1234 "$file" # the user's own, but not root's
	falls store-untrusted ./main <main.expected
	chown 65534 "$file"
	falls store-untrusted ./main <main.expected
	falls store-untrusted "${ordinary[@]}" ./main <main.expected
	chown 0 "$file"
	mode=$(stat -c %a "$file")
	for bit in g+w o+w; do
		chmod $bit "$file"
		falls store-untrusted ./main <main.expected
		falls store-untrusted "${ordinary[@]}" ./main <main.expected
		chmod "$mode" "$file"
	done
done
fast ./main <main.expected
fast "${ordinary[@]}" ./main <main.expected
