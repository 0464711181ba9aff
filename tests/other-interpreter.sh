#!/bin/bash
# A program whose interpreter is neither the system's loader nor MatR's is refused.
. "$(dirname "$0")/lib.sh"

cp /lib64/ld-linux-x86-64.so.2 my-ld.so
echo 'int main(void) { return 4; }' | compile p -Wl,--dynamic-linker="$FOLDER/my-ld.so"
run_into actual.out ./p
expect actual.out <<<'exit 4'
[ -n "${STOCK-}" ] || epoch ./p
refused other-interpreter ./p
