#!/bin/bash
# Any LD_* variable but LD_BIND_NOW and LD_MATR_* takes the stock path and works there.
. "$(dirname "$0")/system.sh"
fixture
mkdir other
(
	cd other
	RPATH='' lib libone.so <<<'int one_calls; int one(void) { one_calls++; return 10; }'
)
fast ./main <main.expected
printf 'one 10\ntwo 20\ncalls 3\n' >other.expected
falls ld-variable LD_LIBRARY_PATH="$FOLDER/other" ./main <other.expected
falls ld-variable LD_PRELOAD="$FOLDER/other/libone.so" ./main <other.expected
falls ld-variable LD_LIBRARY_PATH= ./main <main.expected
falls ld-variable LD_ANYTHING=1 ./main <main.expected
falls ld-variable LD_=1 ./main <main.expected
falls ld-variable LD_BIND_NOT=1 ./main <main.expected
falls ld-variable LD_BIND_NOWHERE=1 ./main <main.expected
falls ld-variable LD_MATRIX=1 ./main <main.expected
falls ld-variable A=1 LD_DYNAMIC_WEAK=1 Z=1 ./main <main.expected
