#include "epochd/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OWN_USER "matr"
#define NOBODY 65534
#define DESCRIPTORS 64  /* and four for each thread, which has one file open at a time */
#define OLDEST_WAY 4096 /* descriptors that are closed one by one where the kernel has no call for it */
#define SHARED_MAX 256  /* shared mappings of the parent: LMDB's are two */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* its shadow is terabytes, and it asks more of the kernel */
#else
#define SANITIZED 0
#endif

/* What is missing is told once: the first one counts. */
static void missing(char *note, const char *what)
{
	if (!note[0])
		snprintf(note, SANDBOX_NOTE_MAX, "%s: %s", what, strerror(errno));
}

void sandbox_user(struct sandbox *s)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *p;

	s->own_user = true;
	s->uid = s->gid = NOBODY;
	while (f && (p = fgetpwent(f)))
		if (!strcmp(p->pw_name, OWN_USER) && p->pw_uid) {
			s->uid = p->pw_uid;
			s->gid = p->pw_gid;
		}
	if (f)
		fclose(f);
}

static void close_range_of(unsigned first, unsigned last)
{
	if (first > last || syscall(__NR_close_range, first, last, 0) == 0)
		return;
	for (unsigned fd = first; fd <= last && fd < OLDEST_WAY; fd++)
		close((int)fd);
}

static void close_others(const struct sandbox *s)
{
	unsigned next = 3;
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	for (size_t i = 0; i < s->keep_count; i++) {
		close_range_of(next, (unsigned)s->keep[i] - 1);
		next = (unsigned)s->keep[i] + 1;
	}
	close_range_of(next, ~0u);
}

/*
 * A file that the parent has mapped could be made writable again where it is open for writing:
 * LMDB's is.  So nothing shared is kept; what this process shares it maps afterwards.
 */
static int drop_shared_memory(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned long from[SHARED_MAX], to[SHARED_MAX], a, b;
	char line[PATH_MAX + 200], kind[5];
	size_t n = 0;

	if (!f)
		return -1;
	while (n < SHARED_MAX && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %4s", &a, &b, kind) == 3 && kind[3] == 's') {
			from[n] = a;
			to[n++] = b;
		}
	fclose(f);
	for (size_t i = 0; i < n; i++)
		munmap((void *)from[i], to[i] - from[i]);
	errno = E2BIG;
	return n < SHARED_MAX ? 0 : -1;
}

/* What the parent had is shared with it until one of the two writes there. */
static uint64_t inherited_memory(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long data = 0;

	if (f && fscanf(f, "%*u %*u %*u %*u %*u %lu", &data) != 1)
		data = 0;
	if (f)
		fclose(f);
	return (uint64_t)data * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit(int what, uint64_t most)
{
	struct rlimit r;

	if (getrlimit(what, &r) == 0 && r.rlim_max < most)
		most = r.rlim_max;
	r.rlim_cur = r.rlim_max = most;
	if (what == RLIMIT_CPU && most > 1)
		r.rlim_cur--; /* so that it is told by SIGXCPU */
	setrlimit(what, &r);
}

static void set_limits(const struct sandbox *s, uint64_t inherited)
{
	limit(RLIMIT_CPU, s->seconds);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_MEMLOCK, 0);
	limit(RLIMIT_MSGQUEUE, 0);
	limit(RLIMIT_NOFILE, DESCRIPTORS + 4 * s->keep_count);
	if (!SANITIZED)
		limit(RLIMIT_DATA, s->memory + inherited);
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return (int)syscall(SYS_capset, &head, none);
}

void sandbox_drop(struct sandbox *s, char *note)
{
	uint64_t inherited = inherited_memory();

	note[0] = '\0';
	setsid();
	close_others(s);
	if (drop_shared_memory() < 0)
		missing(note, "shared memory kept");
	if (s->root && s->root[0] && chroot(s->root) == 0)
		s->below = chdir("/") == 0;
	if (s->own_user && (setgroups(0, NULL) < 0 || setresgid(s->gid, s->gid, s->gid) < 0 ||
			    setresuid(s->uid, s->uid, s->uid) < 0))
		missing(note, "no user of its own");
	if (drop_capabilities() < 0)
		missing(note, "capabilities kept");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		missing(note, "new privileges possible");
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "matr-worker", 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	set_limits(s, inherited);
}

/* ---- system calls ---- */

/*
 * As they are, whatever their arguments: reading, memory that is there already, waiting, ending.
 * sysinfo is qsort's, which asks once how much memory there is.
 */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fcntl),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(fgetxattr),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(futex), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(sched_yield),
	SCMP_SYS(sysinfo),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* A sanitizer's own; it also tells what it found. */
static const int sanitizer[] = {
	SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(write), SCMP_SYS(mprotect), SCMP_SYS(mmap), SCMP_SYS(prctl),
	SCMP_SYS(sched_getaffinity),
};

static int add_rules(scmp_filter_ctx f)
{
	const uint64_t writing = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
	int ret = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		ret |= seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; SANITIZED && i < sizeof(sanitizer) / sizeof(*sanitizer); i++)
		ret |= seccomp_rule_add(f, SCMP_ACT_ALLOW, sanitizer[i], 0);
	ret |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0));
	if (SANITIZED)
		return ret;
	ret |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	ret |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* "out of memory" is told to nobody, and is no reason to die of something else. */
	return ret | seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(write), 0);
}

void sandbox_seal(char *note)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret = f ? seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;

	if (ret == 0)
		ret = add_rules(f);
	if (ret == 0)
		ret = seccomp_load(f);
	errno = -ret;
	if (ret)
		missing(note, "system calls not filtered");
	if (f)
		seccomp_release(f);
}
