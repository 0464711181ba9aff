#!/bin/bash
# The shim's calls have the form of stock's: the same names, no writable and executable memory.
. "$(dirname "$0")/system.sh"
needs strace
fixture
epoch
calls() { sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$1" | sort -u; }
strace -o stock.log ./main.stock >/dev/null
strace -E LD_MATR_REQUIRE=1 -E LD_MATR_STORE="$STORE" -o matr.log ./main >out
expect out <main.expected
calls matr.log | comm -13 <(calls stock.log) - >new
expect new </dev/null
lacks 'PROT_WRITE|PROT_EXEC' matr.log
# Every file is opened read-only, and not for a child to inherit.
grep '^open' matr.log | grep -vE ', O_RDONLY\|(O_NOFOLLOW\|)?O_CLOEXEC(\|O_DIRECTORY)?\)' >odd || true
expect odd </dev/null
