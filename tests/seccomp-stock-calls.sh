#!/bin/bash
# An allow-list of exactly the system calls that stock start-up makes is enough, also for a restart.
. "$(dirname "$0")/system.sh"
needs strace
fixture
tool allow_calls
fast ./main <main.expected
strace -n -o calls ./main.stock >/dev/null
sed -n 's/^\[ *\([0-9]*\)\] .*/\1/p' calls | sort -nu >allowed
[ "$(wc -l <allowed)" -gt 5 ] || skip "strace does not tell numbers"
run_into out ./allow_calls allowed ./main.stock
expect out <main.expected
fast ./allow_calls allowed ./main <main.expected
run_into out LD_MATR_DISABLE=1 ./allow_calls allowed ./main
expect out <main.expected
cp -p libtwo.so other && mv other libtwo.so
falls library-changed ./allow_calls allowed ./main <main.expected
sed -i '/^1$/d' allowed # without write: the list does bite
run_into out ./allow_calls allowed ./main.stock
has 'exit 159' out
