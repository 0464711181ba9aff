#!/bin/bash
# A program that cannot be parsed is remembered with its reason: nothing has changed where it is still so.
. "$(dirname "$0")/system.sh"
fixture
cp main.stock bad
truncate -s 900 bad
run_status 0 matr epoch begin --all ./main ./bad
has malformed out
EPOCH=begun
run_status 0 matr epoch begin --all ./main ./bad
has 'nothing has changed: epoch 1 stays current' out
fast ./main <main.expected
touch libone.so
run_status 0 matr epoch begin --all ./main ./bad
has '1 program resolved anew' out
cp main.stock bad
run_status 0 matr epoch begin --all ./main ./bad
lacks malformed out
run_status 0 matr epoch diff 1 3
has '1 changed; 0 libraries changed' out
