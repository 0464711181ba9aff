#!/bin/bash
# Imported bindings are compared with relocations and symbols: every binding of a program, changed in every way.
. "$(dirname "$0")/lib.sh"
CC=g++ lib libcxx.so <<'C'
	#include <stdexcept>
	#include <string>
	extern "C" int mine(void) __attribute__((weak));
	extern "C" int (*callback(void))(void) { return mine; }
	extern "C" void thrower(const char *s) { throw std::runtime_error(std::string(s)); }
C
CC=g++ prog p libcxx.so -rdynamic <<'C'
	#include <stdio.h>
	#include <string.h>
	extern "C" int mine(void) { return 3; }
	extern "C" void *malloc_like(size_t n) { return memset(new char[n], 0, n); }
	extern "C" int (*callback(void))(void);
	int main(int argc, char **argv) { printf("%d %zu\n", callback()(), strlen(argv[0])); return 0; }
C
cd "$TOP"
# shellcheck disable=SC2046,SC2010 # file names
gcc -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I. -D_GNU_SOURCE -pthread \
	-o "$FOLDER/unit_confirm" tests/unit_confirm.c $(ls matr-ld/*.c | grep -v -e main.c -e print.c) image/*.c common/*.c \
	-lelf -lxxhash -ljansson || fail "cannot build"
for program in "$FOLDER/p.stock" /usr/bin/env /usr/bin/perl; do
	[ -x "$program" ] || continue
	"$FOLDER/unit_confirm" "$program" | tee "$FOLDER/out"
	tail -n 1 "$FOLDER/out" | grep -qE '^[0-9]{3,} passed, 0 failed$' || fail "see above"
done
