#!/bin/bash
# matr exec for an ordinary user, through a user namespace, with the user's own store.
. "$(dirname "$0")/system.sh"
needs_root
as_user test -x "$BUILD/matr" || skip "$BUILD is not open to other users"
ordinary() { setpriv --reuid=1234 --regid=1234 --clear-groups "$@"; }
ordinary unshare -U -m true 2>/dev/null || skip "no user namespaces for ordinary users"
lib libone.so <<<'int one(void) { return 1; }'
plain tool libone.so <<'C'
#include <stdio.h>
#include <unistd.h>
extern int one(void);
int main(void) { printf("one %d, user %d %d\n", one(), getuid(), getgid()); return 6; }
C
mkdir -m 777 mine
STORE=$FOLDER/mine/store
run_status 0 ordinary "$BUILD/matr" --store "$STORE" epoch begin --all ./tool
export LD_MATR_REQUIRE=1
run_status 6 ordinary "$BUILD/matr" --store "$STORE" exec ./tool
expect out <<<'one 1, user 1234 1234'
unset LD_MATR_REQUIRE
# With root's store it runs too, the stock way, and is told why.
STORE=$FOLDER/roots
epoch ./tool
run_status 6 ordinary "$BUILD/matr" --store "$STORE" exec ./tool
expect out <<<'one 1, user 1234 1234'
has 'epoch begin' err
