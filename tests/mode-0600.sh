#!/bin/bash
# A library that only root may read keeps its programs out of root's store.
. "$(dirname "$0")/system.sh"
needs_root
public_shim
fixture
fast ./main <main.expected
chmod 0600 libtwo.so
epoch
refused not-readable ./main
falls no-image ./main <main.expected
run_into denied.out setpriv --reuid=65534 --regid=65534 --clear-groups ./main.stock
sed -i 's|\./main\.stock|./main|' denied.out
has 'libtwo.so: cannot open shared object file' denied.out
falls no-image setpriv --reuid=65534 --regid=65534 --clear-groups ./main <denied.out
