/*
 * upgrades_loop - starts programs of a root at random while its packages change (workloads/upgrades)
 *
 *	upgrades_loop ROOT LIST LOG SEED PAUSE LOADER
 *
 *	ROOT    folder to chroot into; this process itself stays outside
 *	LIST    what may be started, a line each, tab-separated: name, class, expected, program, arguments...
 *	        class: `fixed`, no package that the run touches has a file of it; `moving`
 *	        expected: a file that holds its standard output, or `ok`, the last word of it
 *	PAUSE   milliseconds between two starts, on average
 *	SEED    a number, or `each`: every program once, a line for each (`each`: name, path taken or
 *	        `absent`, right or wrong)
 *	LOADER  the system loader's path in ROOT: programs are started through it to know what stock does
 *
 * Right is: exit status 0 and the expected output.  A program that is not there is passed over.  A start
 * that goes wrong is judged at once: stock, as it was, stock again.  What happens meanwhile to the folders
 * with programs and libraries is seen by their times: dpkg renames every file into its place.
 *
 *	stock    stock fails too
 *	gone     the program was removed meanwhile
 *	window   stock works now, but files were being replaced since before the start
 *	matr     stock works and nothing changed, or the start fails a second time between two that work
 *
 * LOG gets a line for each such start (`failed`: time, name, class, verdict, status, what it wrote), and
 * at SIGTERM the sums: `starts`, `absent`, and `path` for what LD_MATR_DEBUG told in a quarter of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRAMS = 256, WORDS = 16, OUTPUT = 4096, PATHS = 64, SECONDS = 30, NOT_RUN = 126 };

struct program {
	char *name, *class, *expected; /* expected: the text itself, or NULL for "ok" */
	size_t expected_length;
	char *argv[WORDS + 1];
};

struct result {
	int status; /* exit status, 128 + signal, NOT_RUN, or -1 for too long */
	char out[OUTPUT], err[OUTPUT];
};

static const char *const watched[] = {
	"usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/lib/x86_64-linux-gnu", "usr/lib/tprog-own",
	"usr/lib/x86_64-linux-gnu/tplug", "etc",
};
static struct program programs[PROGRAMS];
static size_t program_count;
static const char *root, *loader;
static int root_fd;
static FILE *log_file;
static volatile sig_atomic_t stopped;
static unsigned long starts, absent;
static struct {
	char name[64];
	unsigned long count;
} paths[PATHS];

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "upgrades_loop: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- the list ---- */

static char *read_whole(const char *file, size_t *length)
{
	static char text[OUTPUT];
	FILE *f = fopen(file, "r");

	if (!f)
		die(file);
	*length = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	return memcpy(calloc(1, *length + 1), text, *length);
}

static void add_program(char *line)
{
	struct program *p = &programs[program_count];
	char *rest = line, *word;
	int n = 0;

	line[strcspn(line, "\n")] = '\0';
	p->name = strsep(&rest, "\t");
	p->class = strsep(&rest, "\t");
	word = strsep(&rest, "\t");
	while (rest && n < WORDS)
		p->argv[n++] = strsep(&rest, "\t");
	if (!word || n == 0)
		return;
	if (strcmp(word, "ok"))
		p->expected = read_whole(word, &p->expected_length);
	program_count++;
}

static void read_list(const char *file)
{
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		die(file);
	while (program_count < PROGRAMS && getline(&line, &room, f) > 0)
		add_program(strdup(line));
	free(line);
	fclose(f);
}

/* ---- one start ---- */

/* A number that differs once a file was renamed into, or out of, one of the folders. */
static uint64_t folders_state(void)
{
	uint64_t sum = 0;
	struct stat s;

	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		sum *= 1099511628211u;
		if (fstatat(root_fd, watched[i], &s, 0) == 0)
			sum ^= (uint64_t)s.st_mtim.tv_sec * 1000000007u + (uint64_t)s.st_mtim.tv_nsec + s.st_nlink;
	}
	return sum;
}

static int is_there(const struct program *p)
{
	return faccessat(root_fd, p->argv[0] + 1, X_OK, 0) == 0;
}

/* In the child. */
static void become(const struct program *p, int stock, int debug, int out, int err)
{
	static char *plain[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", "TERM=dumb", NULL},
		    *told[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", "TERM=dumb",
			       "LD_MATR_DEBUG=1", NULL};
	char *argv[WORDS + 5] = {(char *)loader, "--argv0", p->argv[0], p->argv[0]};
	int null = open("/dev/null", O_RDONLY);

	if (chroot(root) < 0 || chdir("/") < 0)
		_exit(NOT_RUN);
	dup2(null, 0);
	dup2(out, 1);
	dup2(err, 2);
	closefrom(3);
	signal(SIGTERM, SIG_DFL);
	for (int i = 1; p->argv[i]; i++)
		argv[i + 3] = p->argv[i];
	execve(stock ? loader : p->argv[0], stock ? argv : (char **)p->argv, debug ? told : plain);
	dprintf(2, "execve: %s\n", strerror(errno));
	_exit(NOT_RUN);
}

/* Exit status of the child, or 128 + its signal, or -1 where it had to be killed. */
static int wait_for(pid_t child)
{
	int fd = (int)syscall(SYS_pidfd_open, child, 0), status, late = 0;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	time_t until = time(NULL) + SECONDS;

	while (fd >= 0 && poll(&p, 1, 1000) <= 0)
		if (time(NULL) > until && (late = 1) && kill(child, SIGKILL) == 0)
			break;
	close(fd);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (late)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void take(int fd, char *text)
{
	ssize_t n = pread(fd, text, OUTPUT - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	close(fd);
}

static void start(const struct program *p, int stock, int debug, struct result *r)
{
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	pid_t child = fork();

	if (child < 0 || out < 0 || err < 0)
		die("fork");
	if (child == 0)
		become(p, stock, debug, out, err);
	r->status = wait_for(child);
	take(out, r->out);
	take(err, r->err);
}

static int is_right(const struct program *p, const struct result *r)
{
	size_t n = strlen(r->out);

	if (r->status)
		return 0;
	if (!p->expected)
		return n >= 4 && !strcmp(r->out + n - 4, " ok\n");
	return n == p->expected_length && !memcmp(r->out, p->expected, n);
}

/* ---- what became of it ---- */

static void count_path(const char *name)
{
	int i = 0;

	while (i < PATHS - 1 && paths[i].count && strcmp(paths[i].name, name))
		i++;
	snprintf(paths[i].name, sizeof(paths[i].name), "%s", name);
	paths[i].count++;
}

/* "matr: NAME: epoch 3", or "matr: NAME: stock path: REASON: sentence": of the first process. */
static const char *path_taken(const struct result *r)
{
	static char reason[64];
	const char *line = strstr(r->err, "matr: "), *way = line ? strstr(line + 6, ": ") : NULL;

	strcpy(reason, "no-shim");
	if (way && !strncmp(way, ": epoch", 7))
		strcpy(reason, "epoch");
	else if (way)
		sscanf(way, ": stock path: %63[^:\n]", reason);
	return reason;
}

static const char *judge(const struct program *p, uint64_t before)
{
	static struct result r;
	int first, again, last;

	start(p, 1, 0, &r);
	first = is_right(p, &r);
	start(p, 0, 0, &r);
	again = is_right(p, &r);
	start(p, 1, 0, &r);
	last = is_right(p, &r);
	if (!is_there(p))
		return "gone";
	if (!first && !last)
		return "stock";
	if (first && last && (!again || folders_state() == before))
		return "matr";
	return "window";
}

static void print_short(const char *text)
{
	for (int n = 0; *text && n < 300; text++, n++)
		fputc(*text == '\n' || *text == '\t' ? ' ' : *text, log_file);
}

static void report(const struct program *p, const char *verdict, const struct result *r)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	fprintf(log_file, "failed\t%ld.%03ld\t%s\t%s\t%s\t%d\t", (long)t.tv_sec, t.tv_nsec / 1000000, p->name,
		p->class, verdict, r->status);
	print_short(r->out);
	fputs(" | ", log_file);
	print_short(r->err);
	fputc('\n', log_file);
	fflush(log_file);
}

static void one_round(void)
{
	static struct result r;
	const struct program *p = &programs[(size_t)random() % program_count];
	int debug = random() % 4 == 0;
	uint64_t before = folders_state();

	if (!is_there(p)) {
		absent++;
		return;
	}
	start(p, 0, debug, &r);
	starts++;
	if (debug)
		count_path(path_taken(&r));
	if (!is_right(p, &r))
		report(p, judge(p, before), &r);
}

static void print_sums(void)
{
	fprintf(log_file, "starts\t%lu\nabsent\t%lu\n", starts, absent);
	for (int i = 0; i < PATHS && paths[i].count; i++)
		fprintf(log_file, "path\t%s\t%lu\n", paths[i].name, paths[i].count);
}

static void each_once(void)
{
	static struct result r;

	for (size_t i = 0; i < program_count; i++) {
		const struct program *p = &programs[i];

		if (is_there(p))
			start(p, 0, 1, &r);
		fprintf(log_file, "each\t%s\t%s\t%s\n", p->name, is_there(p) ? path_taken(&r) : "absent",
			!is_there(p) || is_right(p, &r) ? "right" : "wrong");
	}
}

int main(int argc, char **argv)
{
	struct sigaction stopping = {.sa_handler = stop};
	unsigned pause;

	if (argc != 7)
		return 2;
	root = argv[1];
	loader = argv[6];
	pause = (unsigned)strtoul(argv[5], NULL, 10) * 1000;
	srandom((unsigned)strtoul(argv[4], NULL, 10));
	read_list(argv[2]);
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	log_file = fopen(argv[3], "we");
	if (root_fd < 0 || !log_file || !program_count)
		die("cannot begin");
	sigaction(SIGTERM, &stopping, NULL);
	if (!strcmp(argv[4], "each"))
		each_once();
	while (strcmp(argv[4], "each") && !stopped) {
		one_round();
		if (pause)
			usleep((unsigned)random() % (2 * pause));
	}
	print_sums();
	return fclose(log_file) ? 2 : 0;
}
