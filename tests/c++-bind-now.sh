#!/bin/bash
# libstdc++ has weak calls that nothing defines; with LD_BIND_NOW a C++ program takes the stock path.
. "$(dirname "$0")/lib.sh"
needs g++

CC=g++ prog p <<'E'
#include <iostream>
int main() { std::cout << "out" << std::endl; }
E
readelf -rW "$(gcc -print-file-name=libstdc++.so.6)" | grep -q 'JUMP_SLO.*_ITM_' || skip "this libstdc++ has no such calls"
WAYS=lazy both ./p <<<out
LD_BIND_NOW=1 stock_only bind-now ./p <<<out
