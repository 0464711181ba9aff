#!/bin/bash
# matr exec of the system's own programs, by name, by path and through a link; children do not inherit the view's copy.
. "$(dirname "$0")/system.sh"
needs_root
unshare -m true 2>/dev/null || skip "no mount namespaces"
epoch /bin/echo /usr/bin/env "$(readlink -f /bin/sh)"
export LD_MATR_REQUIRE=1
run_status 0 matr exec echo hello
expect out <<<'hello'
run_status 0 matr exec /bin/echo hello
expect out <<<'hello'
ln -s /usr/bin/echo link
run_status 0 matr exec ./link hello
expect out <<<'hello'
run_status 0 matr exec env
has "LD_MATR_STORE=$STORE" out
has 'LD_MATR_REQUIRE=1' out
run_status 4 matr exec sh -c 'readlink /proc/self/exe >exe; exit 4'
grep -qE '/(readlink|coreutils|busybox)$' exe || { cat exe >&2; fail "a child's own path is wrong"; }
# shellcheck disable=SC2016 # for the inner shell
run_status 0 matr exec sh -c 'readlink /proc/$$/exe'
expect out <<<"$(readlink -f /bin/sh)"
