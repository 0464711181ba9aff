#!/bin/bash
# workloads/project makes a project that builds anew each time; configure-like and prepare do what they say.
. "$(dirname "$0")/lib.sh"
needs clang++ make
"$TOP/workloads/project" -n 2 small
./small/build || fail "the small project does not build"
[ "$(find small/out -name '*.o' | wc -l)" = 3 ] || fail "not all files are compiled"
./small/out/program || fail "its program does not run"
touch small/out/old
./small/build
[ ! -e small/out/old ] || fail "not built anew"
"$TOP/workloads/project" -s -n 1 std
./std/build && ./std/out/program || fail "the project with standard headers"
"$TOP/workloads/configure-like" 3 >out
echo 3 | expect out
"$TOP/workloads/prepare" "$FOLDER" hello-static
[ "$(./hello-static)" = hello ] || fail "prepare"
"$TOP/workloads/prepare" "$FOLDER" sweep/2x3/main
./sweep/2x3/main || fail "a cell of the sweep"
fails "$TOP/workloads/prepare" "$FOLDER" odd
fails "$TOP/workloads/project" -n 0 none
