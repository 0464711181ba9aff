#!/bin/bash
# system and popen from an enabled program; what the shell starts is enabled too.
. "$(dirname "$0")/lib.sh"

prog child <<<'#include <stdio.h>
int main(int argc, char **argv) { printf("child %s\n", argv[1]); return 5; }'
prog p <<'E'
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
int main(int argc, char **argv)
{
	char line[100] = "";
	setbuf(stdout, NULL);
	printf("system %d\n", WEXITSTATUS(system("./child system")));
	FILE *f = popen("./child popen", "r");
	fgets(line, sizeof line, f);
	int status = pclose(f);
	printf("%s%d\n", line, WEXITSTATUS(status));
	return 0;
}
E
printf '%s\n' 'child system' 'system 5' 'child popen' 5 | both ./p
