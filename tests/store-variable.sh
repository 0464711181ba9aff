#!/bin/bash
# Odd values of LD_MATR_STORE: no crash, no-epoch or the default store.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
long=$(printf '%05000d' 0)
for value in / /nonexistent "$FOLDER/main" "/$long" "$long" "${long:0:4086}" "${long:0:4090}" "$STORE/current" /dev/null; do
	falls no-epoch LD_MATR_STORE="$value" ./main <main.expected
done
fast LD_MATR_STORE="$STORE/" ./main <main.expected
fast LD_MATR_STORE="$FOLDER/../$(basename "$FOLDER")/store" ./main <main.expected
right LD_MATR_STORE= ./main <main.expected
[ -e /var/lib/matr/current ] || [ "$PATH_TAKEN" = no-epoch ] || fail "path $PATH_TAKEN"
ln -sfn epochs/none "$STORE/current"
falls no-epoch ./main <main.expected
ln -sfn current "$STORE/current"
falls no-epoch ./main <main.expected
rm "$STORE/current"
falls no-epoch ./main <main.expected
mkdir "$STORE/current"
falls no-image ./main <main.expected
