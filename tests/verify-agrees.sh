#!/bin/bash
# matr verify: MatR and the installed loader agree, word by word; nothing of the program runs.
. "$(dirname "$0")/system.sh"
needs jq
lib libone.so <<'C'
#include <stdio.h>
static int real(void) { return 1; }
static int (*choose(void))(void) { return real; }
int one(void) __attribute__((ifunc("choose")));
__thread int mine = 4;
int data = 7, *pointer = &data;
__attribute__((constructor)) static void made(void) { fclose(fopen("it-ran", "w")); }
C
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void), data, *pointer;
extern __thread int mine;
int main(void) { printf("%d %d %d %d\n", one(), data, *pointer, mine); return 0; }
C
plain second libone.so <<<'extern int one(void); int main(void) { return one() - 1; }'
epoch
run_status 0 matr verify ./main ./second
[ ! -e it-ran ] || fail "a constructor ran"
run_status 0 matr --json verify --all
jq -se '.[-1] | .schema == 1 and .summary.same == 2 and .summary.differences == 0 and .summary.words > 1000' out >/dev/null || { cat out >&2; fail "counts"; }
[ ! -e it-ran ] || fail "a constructor ran"
both ./main <<<'1 7 7 4'
[ -e it-ran ] || fail "the constructor should have run"
pgrep -f "$FOLDER/main" >left || true
expect left </dev/null
