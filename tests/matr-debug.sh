#!/bin/bash
# LD_MATR_DEBUG=1: one line on standard error, the epoch or the reason; without it not a word.
. "$(dirname "$0")/system.sh"
fixture
epoch
LD_MATR_STORE=$STORE ./main >out 2>err
expect out <main.expected
expect err </dev/null
LD_MATR_DEBUG=1 LD_MATR_STORE=$STORE ./main >out 2>err
expect out <main.expected
expect err <<<"matr: ./main: epoch 1"
epoch
LD_MATR_DEBUG=1 LD_MATR_STORE=$STORE bash -c 'exec -a other ./main' >out 2>err
grep -qE '^matr: (other|\./main): epoch [0-9]+$' err || { cat err >&2; fail "not that line"; }
LD_MATR_DEBUG=1 LD_MATR_STORE=$FOLDER/none ./main >out 2>err
expect out <main.expected
expect err <<<"matr: ./main: stock path: no-epoch: no epoch is published (management time)"
touch libtwo.so
LD_MATR_DEBUG=1 LD_MATR_STORE=$STORE ./main >out 2>err
expect out <main.expected
has 'stock path: library-changed: ld.so mapped another file than the epoch has' err
[ "$(wc -l <err)" = 1 ] || { cat err >&2; fail "more than one line"; }
