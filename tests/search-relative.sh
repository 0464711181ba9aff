#!/bin/bash
# An empty or relative part of a search path means the working directory: no image.
. "$(dirname "$0")/lib.sh"
mkdir sub

lib sub/liba.so <<<'int a(void) { return 6; }'
main='int a(void); int main(void) { return a(); }'
RPATH=sub prog relative sub/liba.so <<<"$main"
RPATH=/nowhere::/nowhere prog hollow sub/liba.so <<<"$main"
stock_only no-image ./relative <<<'exit 6'
refused relative-path ./relative
cp relative relative.stock hollow hollow.stock sub
cd sub
PROGRAMS=(./hollow)
stock_only no-image ./hollow <<<'exit 6'
refused relative-path ./hollow
