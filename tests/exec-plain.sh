#!/bin/bash
# matr exec: the program runs on the fast path under its own path; nothing on disk has changed, nothing stays mounted.
. "$(dirname "$0")/system.sh"
needs_root
unshare -m true 2>/dev/null || skip "no mount namespaces"
fixture
plain where libone.so <<'C'
#include <stdio.h>
#include <string.h>
#include <unistd.h>
extern int one(void);
int main(int argc, char **argv)
{
	char exe[4096] = "", line[4096];
	FILE *f = fopen("/proc/self/mounts", "r");
	readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	printf("%s\n%s %s %s\n", exe, argv[0], argv[1], getcwd(line, sizeof(line)));
	while (fgets(line, sizeof(line), f))
		if (strstr(line, " /tmp ") || strstr(line, "matr-shadow"))
			printf("%s", line);
	return one() + 4;
}
C
epoch ./main.stock ./where
sha256sum main.stock where libone.so >sums
cat /proc/self/mounts >mounts
export LD_MATR_REQUIRE=1
run_status 0 matr exec ./main.stock
expect out <main.expected
run_status 5 matr exec ./where x
expect out <<<"$FOLDER/where
./where x $FOLDER"
PATH=$FOLDER:$PATH run_status 5 matr exec where y
expect out <<<"$FOLDER/where
where y $FOLDER"
unset LD_MATR_REQUIRE
sha256sum --quiet -c sums
cat /proc/self/mounts >after
same mounts mounts after
