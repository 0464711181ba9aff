#!/bin/bash
# Process name, /proc/self/exe, command line and AT_EXECFN are the program's own.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog name libone.so <<'C'
#define _GNU_SOURCE
#include <stdio.h>
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>
extern int one(void);
int main(int argc, char **argv)
{
	char comm[16], exe[4096] = "", line[256];
	FILE *f = fopen("/proc/self/cmdline", "r");
	size_t n = fread(line, one(), sizeof(line), f);
	prctl(PR_GET_NAME, comm);
	readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	for (size_t i = 0; i + 1 < n; i++)
		line[i] = line[i] ? line[i] : '|';
	printf("%s\n%s\n%s\n%s\n%s %s\n", comm, exe, line, (char *)getauxval(AT_EXECFN), program_invocation_name,
	       program_invocation_short_name);
	return 0;
}
C
fast ./name a b <<<"name
$FOLDER/name
./name|a|b
./name
./name name"
fast bash -c 'exec -a some/thing ./name x' <<<"name
$FOLDER/name
some/thing|x
$FOLDER/name
some/thing thing"
