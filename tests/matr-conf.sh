#!/bin/bash
# matr.conf: layouts by path; the store's file after /etc's, the last match wins; noticed without resolving anew.
. "$(dirname "$0")/system.sh"
private_etc
unset MATR_TEST_LAYOUT
needs jq
lib libone.so <<<'int one(void) { return 1; }'
mkdir real off
ln -s real link
source='#include <stdio.h>
int one(void);
int main(void) { printf(NAME " %p\n", (void *)one); return 0; }'
for p in plain real/exec real/epoch off/a; do prog $p -fPIC -DNAME="\"$p\"" libone.so <<<"$source"; done
begin() { run_status 0 matr --json epoch begin --all ./plain real/exec real/epoch off/a; jq -r '"\(.published) \(.resolved)"' out >counted; }
layout() { run_status 0 matr --json inspect "$1"; jq -r '"\(.layout // .reason.name) \(.layout_from // .reason.detail)"' out >layout; }
addresses() { for _ in 1 2 3; do LD_MATR_STORE=$STORE LD_MATR_REQUIRE=1 "$1"; done | sort -u | wc -l >addresses; }
begin
expect counted <<<'4 4'
layout real/exec
expect layout <<<'epoch default'
printf '# all below a folder that is a link\n\n\tlayout exec %s/link/ # here\nlayout off %s/off/* /nowhere/x\n' "$FOLDER" "$FOLDER" >/etc/matr.conf
printf 'layout off %s/plain\nlayout epoch %s/plain %s/real/epoch' "$FOLDER" "$FOLDER" "$FOLDER" >"$STORE/matr.conf"
layout real/exec
expect layout <<<'epoch from the next epoch on exec: /etc/matr.conf:3'
begin
expect counted <<<'3 1'
layout real/exec && expect layout <<<'exec /etc/matr.conf:3'
layout real/epoch && expect layout <<<"epoch $STORE/matr.conf:2"
layout off/a && expect layout <<<'layout-off /etc/matr.conf:4'
layout /bin/true && expect layout <<<'epoch default'
EPOCH=begun
run_into debug.out LD_MATR_DEBUG=1 LD_MATR_STORE="$STORE" off/a
has "stock path: no-image" debug.out
refused layout-off off/a
addresses real/exec && expect addresses <<<3
addresses real/epoch && expect addresses <<<1
run_status 0 matr --json epoch status
jq -c .layouts out >layouts
expect layouts <<<'{"epoch":2,"exec":1,"off":1}'
begin
expect counted <<<'3 0'
rm /etc/matr.conf
begin
expect counted <<<'4 1'
