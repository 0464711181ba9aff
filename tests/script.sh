#!/bin/bash
# A `#!` script whose interpreter starts through MatR sees the arguments it sees under stock.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog shell libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(int argc, char **argv)
{
	char line[256];
	FILE *f = fopen(argv[2], "r");
	for (int i = one(); i < argc; i++)
		printf("%d %s\n", i, argv[i]);
	fgets(line, sizeof(line), f);
	printf("%s", fgets(line, sizeof(line), f));
	return 3;
}
C
printf '#!%s/shell -flag x\nthe text\n' "$FOLDER" >script
chmod +x script
fast ./script a 'b c' <<'E'
1 -flag x
2 ./script
3 a
4 b c
the text
exit 3
E
