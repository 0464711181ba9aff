/*
 * measure - start one program again and again, in turn with each loader
 *
 *	measure [-n ROUNDS] [-t SECONDS] [-e NAME=VALUE]... [-b COPY=PATH]... -- PROGRAM ARG...
 *	measure -1 ...        one start of the last variant, standard error kept
 *
 * The variants are `lazy` (as installed), `now` (as installed, LD_BIND_NOW=1)
 * and, where -b is given, `matr`: started in a private mount namespace in which
 * each PATH shows the enabled COPY, with the variables of -e.  PROGRAM is a path.
 *
 * A start is vfork, execve, wait4 and nothing between; the time is that of
 * CLOCK_MONOTONIC around them.  Standard input, output and error are /dev/null.
 * Each namespace has a server process of its own, so that entering it is no
 * part of a start.  Prints a line of tab-separated values per start:
 *
 *	start   ROUND VARIANT NSEC MINOR MAJOR USER_USEC SYSTEM_USEC STATUS
 *	memory  VARIANT KIB     Private_Dirty of the process when it ends
 *
 * Round 0 warms up and is not printed.  ROUNDS are cut short after SECONDS, but
 * never below five.  Nothing of MatR is used here: only files that it made.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LAZY, NOW, MATR, VARIANTS };
enum { MAX_BINDS = 64, MAX_VARIABLES = 64, LEAST_ROUNDS = 5 };

static const char *const variant_name[VARIANTS] = {"lazy", "now", "matr"};

struct options {
	long rounds, seconds;
	int once;
	char *binds[MAX_BINDS];         /* COPY=PATH */
	size_t bind_count;
	char *variables[MAX_VARIABLES]; /* for the matr variant */
	size_t variable_count;
	char **argv;
};

/* What a server is asked, and what it answers. */
struct request {
	int variant;
	int memory; /* 1: tell the memory instead of the time */
};

struct answer {
	uint64_t nsec;
	struct rusage usage;
	int status; /* as wait4 has it */
	long dirty; /* KiB; -1: not known */
};

static void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *format, ...)
{
	int code = errno;
	va_list list;

	fputs("measure: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, ": %s\n", strerror(code));
	exit(1);
}

static uint64_t now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- the namespace ---- */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die("%s", path);
	close(fd);
}

static int make_private(void) { return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL); }

/* In a chroot "/" may be no mount point: setns leads out to the one above, for a moment. */
static int make_private_outside(void)
{
	int folder = open(".", O_PATH | O_CLOEXEC), root = open("/", O_PATH | O_CLOEXEC);
	int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), status;

	if (folder < 0 || root < 0 || mounts < 0 || setns(mounts, CLONE_NEWNS) < 0)
		return -1;
	status = make_private();
	if (fchdir(root) < 0 || chroot(".") < 0 || fchdir(folder) < 0)
		die("cannot come back from the root above");
	close(folder);
	close(root);
	close(mounts);
	return status;
}

/* Who may not mount gets a user namespace in which he is himself. */
static void enter_namespace(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (unshare(CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			die("cannot make a private mount namespace");
		write_text("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "%u %u 1", uid, uid);
		write_text("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "%u %u 1", gid, gid);
		write_text("/proc/self/gid_map", map);
	}
	if (make_private() < 0 && (errno != EINVAL || make_private_outside() < 0))
		die("cannot make the mounts private");
}

static void show_copies(const struct options *o)
{
	size_t i;

	enter_namespace();
	for (i = 0; i < o->bind_count; i++) {
		char *copy = strdup(o->binds[i]);
		char *path = copy ? strchr(copy, '=') : NULL;

		if (!path)
			die("-b %s: COPY=PATH is wanted", o->binds[i]);
		*path++ = 0;
		if (mount(copy, path, NULL, MS_BIND, NULL) < 0)
			die("cannot show '%s' at '%s'", copy, path);
		free(copy);
	}
}

/* ---- one start ---- */

/* The environment of a variant: what was inherited, then its own. */
static char **environment_of(const struct options *o, int variant)
{
	static char bind_now[] = "LD_BIND_NOW=1";
	char **out;
	size_t n = 0, i;

	while (environ[n])
		n++;
	out = calloc(n + MAX_VARIABLES + 2, sizeof(*out));
	if (!out)
		die("no memory");
	memcpy(out, environ, n * sizeof(*out));
	if (variant == NOW)
		out[n++] = bind_now;
	for (i = 0; variant == MATR && i < o->variable_count; i++)
		out[n++] = o->variables[i];
	return out;
}

static void start_timed(const struct options *o, char **environment, struct answer *a)
{
	uint64_t begin = now_nsec();
	pid_t pid = vfork();

	if (pid == 0) {
		execve(o->argv[0], o->argv, environment);
		_exit(127);
	}
	if (pid < 0)
		die("vfork");
	while (wait4(pid, &a->status, 0, &a->usage) < 0 && errno == EINTR)
		;
	a->nsec = now_nsec() - begin;
}

static long dirty_of(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Private_Dirty: %ld kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

/* The kernel stops a traced process when it ends, with its memory still there. */
static void start_traced(const struct options *o, char **environment, struct answer *a)
{
	int status, signal_number;
	pid_t pid = fork();

	a->dirty = -1;
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execve(o->argv[0], o->argv, environment);
		_exit(127);
	}
	if (pid < 0)
		die("fork");
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (status >> 16 == PTRACE_EVENT_EXIT)
			a->dirty = dirty_of(pid);
		signal_number = status >> 16 || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal_number);
	}
	a->status = status;
}

/* ---- servers ---- */

static void to_null(int first, int last)
{
	int fd = open("/dev/null", O_RDWR), i;

	if (fd < 0)
		die("/dev/null");
	for (i = first; i <= last; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

/* Answers requests until the other end is closed. */
static void serve(const struct options *o, int fd, int matr)
{
	char **environments[VARIANTS];
	struct request r;
	int v;

	if (matr)
		show_copies(o);
	for (v = 0; v < VARIANTS; v++)
		environments[v] = environment_of(o, v);
	to_null(0, 2);
	while (read(fd, &r, sizeof(r)) == sizeof(r)) {
		struct answer a = {.dirty = -1};

		(r.memory ? start_traced : start_timed)(o, environments[r.variant], &a);
		if (write(fd, &a, sizeof(a)) != sizeof(a))
			break;
	}
	_exit(0);
}

static int server_start(const struct options *o, int matr)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		die("socketpair");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(pair[0]);
		serve(o, pair[1], matr);
	}
	close(pair[1]);
	return pair[0];
}

static void ask(int fd, int variant, int memory, struct answer *a)
{
	struct request r = {.variant = variant, .memory = memory};

	if (write(fd, &r, sizeof(r)) != sizeof(r) || read(fd, a, sizeof(*a)) != sizeof(*a)) {
		fprintf(stderr, "measure: the %s server ended\n", variant_name[variant]);
		exit(1);
	}
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void print_start(long round, int variant, const struct answer *a)
{
	const struct rusage *u = &a->usage;

	printf("start\t%ld\t%s\t%llu\t%ld\t%ld\t%lld\t%lld\t%d\n", round, variant_name[variant],
	       (unsigned long long)a->nsec, u->ru_minflt, u->ru_majflt,
	       u->ru_utime.tv_sec * 1000000ll + u->ru_utime.tv_usec,
	       u->ru_stime.tv_sec * 1000000ll + u->ru_stime.tv_usec, exit_code(a->status));
}

static void measure(const struct options *o)
{
	int variants = o->bind_count ? VARIANTS : MATR;
	int server[VARIANTS], v;
	struct answer a;
	uint64_t limit;
	long round;

	server[LAZY] = server[NOW] = server_start(o, 0);
	server[MATR] = o->bind_count ? server_start(o, 1) : -1;
	for (v = 0; v < variants; v++) {
		ask(server[v], v, 1, &a);
		printf("memory\t%s\t%ld\n", variant_name[v], a.dirty);
		ask(server[v], v, 0, &a);
	}
	limit = now_nsec() + (uint64_t)o->seconds * 1000000000u;
	for (round = 1; round <= o->rounds; round++) {
		if (round > LEAST_ROUNDS && now_nsec() > limit)
			break;
		for (v = 0; v < variants; v++) {
			ask(server[v], v, 0, &a);
			print_start(round, v, &a);
		}
	}
}

/* One start for its standard error and status. */
static int once(const struct options *o)
{
	struct answer a;

	if (o->bind_count)
		show_copies(o);
	to_null(0, 1);
	start_timed(o, environment_of(o, MATR), &a);
	return exit_code(a.status);
}

int main(int argc, char **argv)
{
	struct options o = {.rounds = 20, .seconds = 60};
	int c;

	while ((c = getopt(argc, argv, "+1n:t:e:b:")) != -1) {
		if (c == '1')
			o.once = 1;
		else if (c == 'n')
			o.rounds = atol(optarg);
		else if (c == 't')
			o.seconds = atol(optarg);
		else if (c == 'e' && o.variable_count < MAX_VARIABLES)
			o.variables[o.variable_count++] = optarg;
		else if (c == 'b' && o.bind_count < MAX_BINDS)
			o.binds[o.bind_count++] = optarg;
		else
			return 2;
	}
	if (optind == argc) {
		fputs("usage: measure [-1] [-n ROUNDS] [-t SECONDS] [-e NAME=VALUE]... "
		      "[-b COPY=PATH]... -- PROGRAM ARG...\n", stderr);
		return 2;
	}
	o.argv = argv + optind;
	if (o.once)
		return once(&o);
	measure(&o);
	return 0;
}
