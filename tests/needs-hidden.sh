#!/bin/bash
# Where libraries ask again and again for what is there, ld.so sees fewer DT_NEEDED entries: the
# order of libraries, constructors and destructors, and what dlsym finds, are the same.
. "$(dirname "$0")/needs_closure.sh"

needs_closure
./p.stock >expected.stock
grep -qx 'libm39.so: u0' expected.stock || fail "dlsym does not go breadth-first"
sed 's|p\.stock|p|g' expected.stock | VERIFY=1 both ./p
shows 1
touch libu7.so
sed 's|p\.stock|p|g' expected.stock | falls library-changed ./p
