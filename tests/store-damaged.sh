#!/bin/bash
# A damaged or foreign catalogue is named in a clear error; programs still start.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
cp "$STORE/cache.mdb" whole
for damage in text zeros cut; do
	case $damage in
	text) yes 'no database' | head -c 65536 >"$STORE/cache.mdb" || true ;;
	zeros) head -c 65536 /dev/zero >"$STORE/cache.mdb" ;;
	cut) head -c 5000 whole >"$STORE/cache.mdb" ;;
	esac
	run_status 1 matr epoch list
	has cache.mdb err
	run_status 1 matr epoch begin --all ./main
	has cache.mdb err
	fast ./main <main.expected
done
cp whole "$STORE/cache.mdb"
run_status 0 matr epoch list
run_status 1 "$MATR" --store "$FOLDER/nowhere" epoch list
run_status 1 "$MATR" --store "$FOLDER/main" epoch begin --all ./main
