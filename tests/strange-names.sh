#!/bin/bash
# Folders and files with blanks, percent signs, quotes, UTF-8 and a name that looks like an option.
. "$(dirname "$0")/lib.sh"

where="$FOLDER/a b%s"$'\t'"ü \"'\\x/-Wl"
mkdir -p "$where"
RPATH='' lib "$where/lib a.so" <<<'int a(void) { return 3; }'
RPATH=$where prog "$where/-p é" "$where/lib a.so" <<'E'
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); return 0; }
E
both "$where/-p é" <<<3
cd "$where"
PROGRAMS=("./-p é")
EPOCH='' both "./-p é" <<<3
if [ -z "${STOCK-}" ]; then "$MATR" --store "$STORE" inspect --json "./-p é" >"$FOLDER/json"; fi
if command -v python3 >/dev/null && [ -s "$FOLDER/json" ]; then python3 -m json.tool <"$FOLDER/json" >/dev/null; fi
