#!/bin/bash
# A program and its copy, one of them enabled (as git and git-core/git): the image serves both.
. "$(dirname "$0")/system.sh"
short_shim
fixture
cp main.stock here
cp -p here there
run_status 0 matr enable --interpreter "$SHIM" here
epoch ./here ./there
EPOCH=begun
fast ./here <main.expected
run_status 0 matr enable --interpreter "$SHIM" there
fast ./there <main.expected
