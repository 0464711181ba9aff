#!/bin/bash
# A library that is no library: no image; stock's message and status.
. "$(dirname "$0")/system.sh"
fixture
fast ./main <main.expected
yes text | head -c 2000 >libtwo.so || true
epoch
refused library-bad ./main
run_into stock.out ./main.stock
sed -i 's|\./main\.stock|./main|' stock.out
has 'invalid ELF header' stock.out
falls no-image ./main <stock.out
