#!/bin/bash
# matr-ld FILE: closure and bindings without any store; JSON; exit codes.
. "$(dirname "$0")/system.sh"
needs jq
fixture
run_status 0 "$BUILD/matr-ld" ./main
has "$FOLDER/libone.so" out
has "$FOLDER/libtwo.so" out
grep -qE 'one_calls.*libone\.so' out || { cat out >&2; fail "one_calls is not bound to libone.so"; }
run_status 0 "$BUILD/matr-ld" --json ./main
jq -e '.schema == 1' out >/dev/null || { head -c 500 out >&2; fail "no JSON"; }
run_status 0 "$BUILD/matr-ld" -h
run_status 2 "$BUILD/matr-ld"
run_status 2 "$BUILD/matr-ld" --nonsense ./main
has --nonsense err
run_status 1 "$BUILD/matr-ld" ./nowhere
has nowhere err
yes text | head -c 1000 >text || true
run_status 1 "$BUILD/matr-ld" ./text
has 'not an ELF file' err
[ ! -e /var/lib/matr/cache.mdb ] || [ "$(find /var/lib/matr/cache.mdb -newer text)" = '' ] || fail "it wrote a store"
