/*
 * measure - start one program again and again, in turn with each loader
 *
 *	measure [OPTION]... [-e [VARIANT:]NAME=VALUE]... [-b COPY=PATH]... -- PROGRAM ARG...
 *	-n ROUNDS -t SECONDS   rounds; they are cut short after SECONDS, but never below three
 *	-j COUNT               so many starts at once; the time is that of all
 *	-c                     cold: caches are dropped before each start, not timed; who may
 *	                       not, puts out the files that -C LIST names
 *	-i COUNT[,COUNT]...    no times, but the memory of COUNT idle processes
 *	-1                     one start of the matr variant, standard error kept; with -i
 *	                       until it is idle
 *
 * The variants are `lazy` (as installed), `now` (as installed, LD_BIND_NOW=1)
 * and, where -b is given, `matr` and `exec`: each for which -e has a variable (without a
 * VARIANT it is for matr), started in a private mount namespace in which each PATH shows
 * the enabled COPY.  PROGRAM is a path.
 *
 * A start is vfork, execve, wait4 and nothing between; the time is that of
 * CLOCK_MONOTONIC around them.  Standard input, output and error are /dev/null.
 * Each namespace has a server process of its own, so that entering it is no
 * part of a start.  Prints lines of tab-separated values:
 *
 *	start   ROUND VARIANT NSEC MINOR MAJOR USER_USEC SYSTEM_USEC STATUS
 *	memory  VARIANT KIB     Private_Dirty of the process when it ends
 *	idle    VARIANT COUNT DIRTY FILES PSS STATUS    KiB of all processes together:
 *Private_Dirty, how much of it in mappings of files, and Pss cold    HOW             drop_caches or
 *posix_fadvise
 *
 * Round 0 warms up and is not printed.  Nothing of MatR is used here: only files
 * that it made.
 */
#include "workloads/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LEAST_ROUNDS = 3 };

static const char *const variant_name[VARIANTS] = {"lazy", "now", "matr", "exec"};

void die(const char *format, ...)
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

uint64_t now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- a cold cache ---- */

static int drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC), done;

	sync();
	done = fd >= 0 && write(fd, "3", 1) == 1;
	if (fd >= 0)
		close(fd);
	return done;
}

static void put_out(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	fdatasync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}

static const char *make_cold(const struct options *o)
{
	char line[4096];
	FILE *f;

	if (drop_caches())
		return "drop_caches";
	f = o->cold_files ? fopen(o->cold_files, "re") : NULL;
	if (!f)
		die("cannot drop caches, and no -C");
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		put_out(line);
	}
	fclose(f);
	return "posix_fadvise";
}

/* ---- servers ---- */

/* The environment of a variant: what was inherited, then its own. */
static char **environment_of(const struct options *o, enum variant variant)
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
	for (i = 0; i < o->variable_count[variant]; i++)
		out[n++] = o->variables[variant][i];
	return out;
}

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

static void carry_out(const struct options *o, const struct request *r, char **environment,
		      struct answer *a)
{
	if (o->cold)
		make_cold(o);
	if (r->task == TASK_TIME)
		start_timed(o, environment, r->count, a);
	else if (r->task == TASK_MEMORY)
		start_traced(o, environment, a);
	else
		start_idle(o, environment, r->count, a);
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
		struct answer a = {0};

		carry_out(o, &r, environments[r.variant], &a);
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

/* A server per variant; -1: the variant is not wanted. */
static void start_servers(const struct options *o, int server[VARIANTS])
{
	int v, copies = o->bind_count ? server_start(o, 1) : -1;

	server[LAZY] = server[NOW] = server_start(o, 0);
	for (v = MATR; v < VARIANTS; v++)
		server[v] = o->variable_count[v] ? copies : -1;
}

static void ask(int fd, struct request r, struct answer *a)
{
	if (write(fd, &r, sizeof(r)) != sizeof(r) || read(fd, a, sizeof(*a)) != sizeof(*a)) {
		fprintf(stderr, "measure: the %s server ended\n", variant_name[r.variant]);
		exit(1);
	}
}

/* ---- what is measured ---- */

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
	fflush(stdout);
}

/* The memory of one start, and, where that was quick, one more to warm up. */
static void warm_up(const int server[VARIANTS])
{
	struct answer a;
	uint64_t begin;
	int v;

	for (v = 0; v < VARIANTS; v++) {
		if (server[v] < 0)
			continue;
		begin = now_nsec();
		ask(server[v], (struct request){.variant = v, .task = TASK_MEMORY}, &a);
		printf("memory\t%s\t%ld\n", variant_name[v], a.dirty);
		if (now_nsec() - begin < 1000000000u)
			ask(server[v], (struct request){.variant = v, .count = 1}, &a);
	}
}

static void measure_times(const struct options *o)
{
	int server[VARIANTS], v;
	struct answer a;
	uint64_t limit;
	long round;

	if (o->cold)
		printf("cold\t%s\n", make_cold(o));
	start_servers(o, server);
	warm_up(server);
	limit = now_nsec() + (uint64_t)o->seconds * 1000000000u;
	for (round = 1; round <= o->rounds; round++) {
		if (round > LEAST_ROUNDS && now_nsec() > limit)
			break;
		for (v = 0; v < VARIANTS; v++) {
			if (server[v] < 0)
				continue;
			ask(server[v], (struct request){.variant = v, .count = o->together}, &a);
			print_start(round, v, &a);
		}
	}
}

static void measure_idle(const struct options *o)
{
	int server[VARIANTS], v, count;
	const char *rest = o->idle;
	struct answer a;
	char *end;

	start_servers(o, server);
	while ((count = (int)strtol(rest, &end, 10)) > 0 && end != rest) {
		for (v = 0; v < VARIANTS; v++) {
			struct request r = {.variant = v, .task = TASK_IDLE, .count = count};

			if (server[v] < 0)
				continue;
			ask(server[v], r, &a);
			printf("idle\t%s\t%d\t%ld\t%ld\t%ld\t%d\n", variant_name[v], count, a.dirty,
			       a.dirty_files, a.pss, exit_code(a.status));
		}
		rest = *end ? end + 1 : end;
	}
}

/* One start for its standard error and status. */
static int once(const struct options *o)
{
	struct answer a = {0};

	if (o->bind_count)
		show_copies(o);
	to_null(0, 1);
	if (o->idle)
		start_idle(o, environment_of(o, MATR), 1, &a);
	else
		start_timed(o, environment_of(o, MATR), 1, &a);
	return exit_code(a.status);
}

/* ---- options ---- */

static void usage(void)
{
	fputs("usage: measure [-1c] [-n ROUNDS] [-t SECONDS] [-j COUNT] [-C LIST] [-i COUNT,...]\n"
	      "               [-e [VARIANT:]NAME=VALUE]... [-b COPY=PATH]... -- PROGRAM ARG...\n",
	      stderr);
	exit(2);
}

static void read_variable(struct options *o, char *text)
{
	size_t n = strcspn(text, ":=");
	enum variant v = MATR;

	if (text[n] == ':') {
		while (v < VARIANTS &&
		       (strlen(variant_name[v]) != n || memcmp(text, variant_name[v], n) != 0))
			v++;
		text += n + 1;
	}
	if (v == VARIANTS || o->variable_count[v] == MAX_VARIABLES)
		usage();
	o->variables[v][o->variable_count[v]++] = text;
}

static void read_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+1cn:t:j:C:i:e:b:")) != -1) {
		if (c == '1')
			o->once = 1;
		else if (c == 'c')
			o->cold = 1;
		else if (c == 'n')
			o->rounds = atol(optarg);
		else if (c == 't')
			o->seconds = atol(optarg);
		else if (c == 'j')
			o->together = atoi(optarg);
		else if (c == 'C')
			o->cold_files = optarg;
		else if (c == 'i')
			o->idle = optarg;
		else if (c == 'e')
			read_variable(o, optarg);
		else if (c == 'b' && o->bind_count < MAX_BINDS)
			o->binds[o->bind_count++] = optarg;
		else
			usage();
	}
	if (optind == argc || o->together < 1)
		usage();
	o->argv = argv + optind;
}

int main(int argc, char **argv)
{
	static struct options o = {.rounds = 20, .seconds = 60, .together = 1};

	read_options(&o, argc, argv);
	if (o.once)
		return once(&o);
	if (o.idle)
		measure_idle(&o);
	else
		measure_times(&o);
	return 0;
}
