#!/bin/bash
# An ordinary symbol answers a thread-local reference: what stock does, MatR does.
. "$(dirname "$0")/lib.sh"

lib liba.so <<'E'
__thread int v = 5;
E
prog p -fPIC liba.so <<'E'
extern __thread int v;
int main(void) { return v; }
E
lib liba.so <<'E'
int v = 5;
E
run_into expected ./p.stock
grep -q . expected || fail "stock says nothing"
sed -i 's|p\.stock|p|g' expected
if [ -n "${STOCK-}" ]; then exit; fi
epoch
run_into actual LD_MATR_STORE="$STORE" ./p
same "MatR" expected actual
refused tls-mismatch ./p
