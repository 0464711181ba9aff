#!/bin/bash
# Programs edited after linking that look the same where the shim looks: each runs right, with an image or without.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <stdio.h>
extern int one(void);
char word[] = "the data", *pointer = word;
int main(void) { printf("the text %d %s\n", one(), pointer); return 0; }
C
fast ./main <<<'the text 1 the data'
edit() { sed "s/$1/$2/" main >"$3"; chmod 755 "$3"; }
edit 'the text' 'The Text' text
edit 'the data' 'The Data' data
epoch ./main ./text
EPOCH=begun
fast ./main <<<'the text 1 the data'
fast ./text <<<'The Text 1 the data' # nothing of its bindings is different
epoch ./main ./data
EPOCH=begun
refused same-key ./main
refused same-key ./data
falls no-image ./main <<<'the text 1 the data'
falls no-image ./data <<<'the text 1 The Data'
epoch ./data
EPOCH=begun
fast ./data <<<'the text 1 The Data'
right ./main <<<'the text 1 the data' # never resolved
