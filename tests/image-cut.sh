#!/bin/bash
# Published files that are cut short, too long, empty or of another kind: the stock path, never a crash.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
image=$(the_image)
pages=$(readlink -f "$STORE/current/pages")
loader=$(find "$STORE/loader" -type f)
size=$(stat -c %s "$image")
chmod u+w "$image" "$pages" "$loader"
cp "$image" whole
for n in 0 1 8 399 400 401 1000 $((size / 2)) $((size - 1)) $((size + 1)) $((size + 4096)); do
	truncate -s "$n" "$image"
	falls image-damaged ./main <main.expected
	cat whole >"$image"
done
truncate -s 1G "$image"
falls image-damaged ./main <main.expected
cat whole >"$image"
fast ./main <main.expected
for file in "$pages" "$loader"; do
	cp "$file" other
	for n in 0 10 4096 $(($(stat -c %s "$file") - 4096)) $(($(stat -c %s "$file") + 4096)); do
		truncate -s "$n" "$file"
		falls epoch-incomplete ./main <main.expected
		cat other >"$file"
	done
done
fast ./main <main.expected
rm "$image"
falls no-image ./main <main.expected
mkdir "$image"
right ./main <main.expected
[ -n "$PATH_TAKEN" ] && [ "$PATH_TAKEN" != fast ] || fail "path $PATH_TAKEN"
