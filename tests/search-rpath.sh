#!/bin/bash
# DT_RPATH of the program is inherited by its libraries; DT_RUNPATH is not, and hides the RPATH.
. "$(dirname "$0")/lib.sh"
mkdir one two

for n in one two; do
	RPATH='' lib $n/libdeep.so <<E
int deep(void) { return $([ $n = one ] && echo 1 || echo 2); }
E
done
RPATH='' lib one/liba.so two/libdeep.so <<'E'
int deep(void);
int a(void) { return deep(); }
E
RPATH=$FOLDER/two lib one/librun.so two/libdeep.so <<'E'
int deep(void);
int run(void) { return deep(); }
E
main='#include <stdio.h>
int F(void); int main(void) { printf("%d\n", F()); return 0; }'
RPATH=$FOLDER/one prog inherit -DF=a -Wl,--disable-new-dtags,-rpath-link,one one/liba.so <<<"$main"
RPATH=$FOLDER/one prog runpath -DF=a -Wl,-rpath-link,one one/liba.so <<<"$main"
RPATH=$FOLDER/one prog hidden -DF=run -Wl,--disable-new-dtags,-rpath-link,two one/librun.so <<<"$main"
readelf -dW inherit.stock | grep -q '(RPATH)' || fail "no DT_RPATH"
both ./inherit <<<1
both ./hidden <<<2
stock_only no-image ./runpath <<'E'
./runpath: error while loading shared libraries: libdeep.so: cannot open shared object file: No such file or directory
exit 127
E
refused library-missing ./runpath
