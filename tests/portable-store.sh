#!/bin/bash
# A store is portable or local as long as it lasts, and remembers which.
. "$(dirname "$0")/portable.sh"
tool patch
fixture
flags() { ./patch -i "$(the_image)" 64 4 +0; }
run_status 0 matr epoch roots add "$FOLDER"
run_status 0 matr epoch begin --all --portable ./main
[ $(($(flags) & 16)) = 16 ] || fail "the image is not portable"
run_status 0 matr epoch begin --all --force ./main
[ $(($(flags) & 16)) = 16 ] || fail "the store has forgotten that it is portable"
EPOCH=begun
fast ./main <main.expected
run_status 1 matr epoch begin --all --local ./main
has "is portable, and all its epochs are: a local one needs a folder of its own" err
fast ./main <main.expected
STORE=$FOLDER/local EPOCH=
fast ./main <main.expected
[ $(($(flags) & 16)) = 0 ] || fail "a store is portable without being asked"
run_status 1 matr epoch begin --all --portable ./main
has "is a local one, and all its epochs are: a portable one needs a folder of its own" err
run_status 0 matr verify ./main
