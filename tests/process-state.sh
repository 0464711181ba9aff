#!/bin/bash
# Signal mask and dispositions, umask, folder, priority and limits are what the parent made them.
. "$(dirname "$0")/system.sh"
lib libone.so <<<'int one(void) { return 1; }'
prog main libone.so <<'C'
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
extern int one(void);
int main(void)
{
	struct sigaction usr1, usr2;
	struct rlimit files;
	sigset_t set;
	char cwd[4096];
	sigaction(SIGUSR1, NULL, &usr1);
	sigaction(SIGUSR2, NULL, &usr2);
	sigprocmask(SIG_BLOCK, NULL, &set);
	getrlimit(RLIMIT_NOFILE, &files);
	printf("usr1 %s usr2 %s blocked %d umask %o nice %d files %ld\n", usr1.sa_handler == SIG_IGN ? "ignored" : "-",
	       usr2.sa_handler == SIG_DFL ? "default" : "-", sigismember(&set, SIGWINCH), umask(0),
	       getpriority(PRIO_PROCESS, 0), (long)files.rlim_cur * one());
	printf("%s dumpable %d\n", getcwd(cwd, sizeof(cwd)) + strlen(cwd) - 3, prctl(PR_GET_DUMPABLE));
	return 0;
}
C
mkdir -p sub/abc
for prog in main.stock main; do
	[ $prog = main.stock ] || epoch
	run_into out LD_MATR_REQUIRE=1 LD_MATR_STORE="$STORE" env --block-signal=WINCH nice -n 3 bash -c \
		"trap '' USR1; umask 031; ulimit -Sn 99; cd sub/abc; exec ../../$prog"
	expect out <<-'E'
		usr1 ignored usr2 default blocked 1 umask 31 nice 3 files 99
		abc dumpable 1
	E
done
