#!/bin/bash
# Relative relocations in DT_RELR form, in libraries and in the program.
. "$(dirname "$0")/lib.sh"
ld -z pack-relative-relocs --version 2>&1 | grep -q 'not supported\|unknown\|ignored' && skip "ld is too old for DT_RELR"
echo 'int main(void) { return 0; }' | RPATH='' compile probe -Wl,-z,pack-relative-relocs
readelf -dW probe | grep -q RELR || skip "ld or libc knows no DT_RELR"

lib liba.so -Wl,-z,pack-relative-relocs <<'E'
static int numbers[100] = { [0] = 3, [99] = 4 };
int *many[70] = { [0 ... 68] = &numbers[0], [69] = &numbers[99] };
struct __attribute__((packed)) { char c; int *unaligned; } odd = { 1, &numbers[99] };
int *sparse[300] = { [0] = numbers, [150] = &numbers[99], [299] = &numbers[0] };
int sum(void)
{
	int n = *odd.unaligned + *sparse[0] + *sparse[150] + *sparse[299];
	for (int i = 0; i < 70; i++)
		n += *many[i];
	return n;
}
E
for kind in -pie -no-pie; do
	prog p $kind -Wl,-z,pack-relative-relocs liba.so <<'E'
#include <stdio.h>
int sum(void);
static const char *words[] = { "one", "two", "three" };
const char **table[] = { &words[0], &words[1], &words[2] };
int main(int argc, char **argv) { printf("%d %s\n", sum(), *table[argc]); return 0; }
E
	both ./p <<<'225 two'
done
