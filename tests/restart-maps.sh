#!/bin/bash
# After a restart nothing of the first attempt stays mapped: no file of the store, every library once.
. "$(dirname "$0")/system.sh"
for n in 1 2 3; do lib lib$n.so <<<"int x$n = $n, *p$n = &x$n; int f$n(void) { return *p$n; }"; done
prog main lib1.so lib2.so lib3.so <<'C'
#include <stdio.h>
#include <string.h>
extern int f1(void), f2(void), f3(void);
int main(int argc, char **argv)
{
	char line[4096], range[64], prot[8];
	unsigned long offset;
	int store = 0, first = 0, nameless = 0, calls = f1() + f2() + f3();
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "%63s %7s %lx", range, prot, &offset);
		store += strstr(line, argv[1]) != NULL;
		first += offset == 0 && strchr(line, '/') && strstr(line, ".so") && !strstr(line, "ld-matr");
		nameless += strncmp(line, "10", 2) >= 0 && !strchr(line, '/') && !strchr(line, '[');
	}
	printf("calls %d, files of the store %d, libraries %d\n", calls, store, first);
	fprintf(fopen("nameless", "w"), "%d\n", nameless);
	return 0;
}
C
./main.stock "$STORE" >stock.out
LD_MATR_DISABLE=1 ./main "$STORE" >disabled.out
same 'the stock path from the beginning' stock.out disabled.out
mv nameless want
expect stock.out <<<'calls 6, files of the store 0, libraries 5'
for n in 1 2 3; do
	epoch
	touch lib$n.so
	falls library-changed ./main "$STORE" <stock.out
	same "nameless mappings, lib$n.so" want nameless
done
