#!/bin/bash
# epoch roots: without paths an epoch takes the programs below the store's folders.
. "$(dirname "$0")/system.sh"
fixture
mkdir -p one/deep two
cp main one/deep/first
cp main.stock two/second
run_status 0 matr epoch roots list
has /usr out
run_status 0 matr epoch roots add "$FOLDER/one" "$FOLDER/two"
has "take the place of /usr and /opt" err
run_status 0 matr epoch roots add "$FOLDER/two"
lacks "take the place" err
for r in /usr /usr/local /opt; do matr epoch roots remove $r >/dev/null 2>&1 || true; done
run_status 0 matr epoch roots list
sort out >listed
expect listed <<<"$FOLDER/one
$FOLDER/two"
run_status 0 matr epoch begin --all
EPOCH=begun
fast ./one/deep/first <main.expected
run_status 0 matr epoch roots remove "$FOLDER/one"
run_status 0 matr epoch begin --all
run_status 0 matr inspect --json ./two/second
has '"libone.so"' out
run_status 0 matr epoch roots list
expect out <<<"$FOLDER/two"
fails matr epoch roots remove "$FOLDER/nowhere"
