#!/bin/bash
# matr exec of a script: its interpreter starts through MatR, the script's arguments are right.
. "$(dirname "$0")/system.sh"
needs_root
unshare -m true 2>/dev/null || skip "no mount namespaces"
lib libone.so <<<'int one(void) { return 1; }'
plain shell libone.so <<'C'
#include <stdio.h>
extern int one(void);
int main(int argc, char **argv)
{
	for (int i = one(); i < argc; i++)
		printf("%s\n", argv[i]);
	return 9;
}
C
epoch ./shell
printf '#!%s/shell -x\n' "$FOLDER" >script
printf '#!%s/script second\n' "$FOLDER" >nested
chmod +x script nested
LD_MATR_REQUIRE=1 run_status 9 matr exec ./script a b
expect out <<'E'
-x
./script
a
b
E
LD_MATR_REQUIRE=1 run_status 9 matr exec ./nested c
expect out <<E
-x
$FOLDER/script
second
./nested
c
E
