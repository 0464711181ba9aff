#!/bin/bash
# Files of another epoch or another store among this epoch's files: not believed.
. "$(dirname "$0")/system.sh"
fixture
epoch
first=$(readlink -f "$STORE/current")
cp "$first/pages" one
matr epoch begin --all --force "$PWD/main" >/dev/null
fast ./main <main.expected
image=$(the_image)
chmod u+w "$image" "$(dirname "$image")/../pages"
cp "$image" mine
[ -f "$first/prog/$(basename "$image")" ] || skip "the first epoch is gone already"
cat "$first/prog/$(basename "$image")" >"$image" # a whole image of the same program, but of epoch 1
falls image-foreign ./main <main.expected
cat mine >"$image"
fast ./main <main.expected
cp "$STORE/current/pages" two
cat one >"$STORE/current/pages"
right ./main <main.expected
case $PATH_TAKEN in image-foreign | epoch-incomplete) ;; *) fail "path $PATH_TAKEN" ;; esac
cat two >"$STORE/current/pages"
fast ./main <main.expected
mv "$STORE" aside
epoch
image=$(the_image)
chmod u+w "$image"
cat mine >"$image" # of another store
right ./main <main.expected
case $PATH_TAKEN in image-foreign | epoch-incomplete) ;; *) fail "path $PATH_TAKEN" ;; esac
