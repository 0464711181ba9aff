#!/bin/bash
# A program that its user may run but not read starts, without an image.
. "$(dirname "$0")/system.sh"
needs_root
public_shim
fixture
fast ./main <main.expected
chmod 0111 main main.stock
epoch
refused not-readable ./main
falls no-image setpriv --reuid=65534 --regid=65534 --clear-groups ./main <main.expected
