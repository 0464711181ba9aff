#include "epochd/owner.h"

#include "common/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#define LIST_MAX ((size_t)64 << 20) /* bytes of one package's list */
#define ASKED_MOST 64		    /* files that rpm or pacman is asked for, one by one */

extern char **environ;

/* ---- dpkg ---- */

/* A path to look for in the lists, and whose answer it is. */
struct wanted {
	uint64_t hash;
	const char *path;
	struct owner_query *query;
	const char *only;   /* the package that diverts this path: no other one has it here */
	const char *except; /* the package that diverts the file to here */
	int rank;	    /* 0: the path itself; 1: under its other name */
};

struct search {
	const char *root;
	struct arena *a;
	struct wanted *wanted; /* open addressing, by hash; path NULL: free */
	size_t slots;
	int *ranks; /* by query: how good the answer is; INT_MAX: none yet */
	struct owner_query *queries;
	struct buf text;
};

static uint64_t hash_of(const char *s, size_t bytes)
{
	return XXH3_64bits(s, bytes);
}

static void add_wanted(struct search *s, struct wanted w)
{
	size_t at;

	w.hash = hash_of(w.path, strlen(w.path));
	for (at = w.hash & (s->slots - 1); s->wanted[at].path; at = (at + 1) & (s->slots - 1))
		;
	s->wanted[at] = w;
}

/* A merged system's folders have two names, and a list has one of them. */
static const char *other_name(const char *path, struct arena *a)
{
	static const char *const merged[] = {"/lib", "/bin/", "/sbin/"};
	bool usr = !strncmp(path, "/usr/", 5);

	for (size_t i = 0; i < sizeof(merged) / sizeof(merged[0]); i++)
		if (!strncmp(usr ? path + 4 : path, merged[i], strlen(merged[i])))
			return usr ? path + 4 : arena_printf(a, "/usr%s", path);
	return NULL;
}

/* Lines of three: path, where it is diverted to, by which package (":": by hand). */
static void divert(struct search *s, struct wanted *w)
{
	struct buf b = BUF_INIT;
	char *save = NULL, *from, *to, *package;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/var/lib/dpkg/diversions", s->root);
	if (file_read(AT_FDCWD, path, LIST_MAX, &b, NULL) < 0 || !b.data)
		return;
	for (from = strtok_r(b.data, "\n", &save); from; from = strtok_r(NULL, "\n", &save)) {
		to = strtok_r(NULL, "\n", &save);
		package = to ? strtok_r(NULL, "\n", &save) : NULL;
		if (!package)
			break;
		if (!strcmp(to, w->path)) {
			w->path = arena_strdup(s->a, from);
			w->except = arena_strdup(s->a, package);
			break;
		}
		if (!strcmp(from, w->path))
			w->only = arena_strdup(s->a, package);
	}
	buf_release(&b);
}

static void want(struct search *s, struct owner_query *q)
{
	const char *other = other_name(q->path, s->a);
	struct wanted w = {.path = q->path, .query = q};

	divert(s, &w);
	add_wanted(s, w);
	if (!other)
		return;
	w = (struct wanted){.path = other, .query = q, .rank = 1};
	divert(s, &w);
	add_wanted(s, w);
}

/* Without the architecture: "zlib1g:amd64" is the package zlib1g. */
static bool is_package(const char *listed, const char *name)
{
	size_t n = strcspn(listed, ":");

	return strlen(name) == n && !memcmp(listed, name, n);
}

static void look_at_line(struct search *s, const char *package, const char *line, size_t bytes)
{
	uint64_t hash = hash_of(line, bytes);

	for (size_t at = hash & (s->slots - 1); s->wanted[at].path; at = (at + 1) & (s->slots - 1)) {
		const struct wanted *w = &s->wanted[at];
		int *rank = &s->ranks[w->query - s->queries];

		if (w->hash != hash || strlen(w->path) != bytes || memcmp(w->path, line, bytes) ||
		    (w->only && !is_package(package, w->only)) ||
		    (w->except && is_package(package, w->except)) || w->rank >= *rank)
			continue;
		*rank = w->rank;
		w->query->package = arena_strdup(s->a, package);
	}
}

static void look_at_list(struct search *s, int folder, const char *name)
{
	const char *line, *end, *last;
	char package[NAME_MAX + 1];

	buf_clear(&s->text);
	if (file_read(folder, name, LIST_MAX, &s->text, NULL) < 0)
		return;
	snprintf(package, sizeof(package), "%.*s", (int)(strlen(name) - strlen(".list")), name);
	last = s->text.data + s->text.used;
	for (line = s->text.data; line < last; line = end + 1) {
		end = memchr(line, '\n', (size_t)(last - line));
		if (!end)
			end = last;
		look_at_line(s, package, line, (size_t)(end - line));
	}
}

/* False: there is no such database. */
static bool ask_dpkg(struct search *s, size_t count)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s/var/lib/dpkg/info", s->root);
	d = opendir(path);
	if (!d)
		return false;
	for (size_t i = 0; i < count; i++)
		if (s->queries[i].path)
			want(s, &s->queries[i]);
	while ((entry = readdir(d))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && !strcmp(dot, ".list"))
			look_at_list(s, dirfd(d), entry->d_name);
	}
	closedir(d);
	return true;
}

/* ---- rpm, pacman ---- */

/* ROOT and DATABASE stand for these; the file comes last. */
#define ROOT "%r"
#define DATABASE "%d"

struct tool {
	const char *database, *program;
	const char *const *arguments;
	bool outside; /* it wants the file's path with the root before it */
};

static const char *const rpm_arguments[] = {"rpm", "--root", ROOT, "--dbpath", DATABASE,
					    "-qf", "--qf", "%{NAME}\\n", NULL};
static const char *const pacman_arguments[] = {"pacman", "--root", ROOT, "-Qqo", NULL};

static const struct tool tools[] = {
	{"/var/lib/rpm", "rpm", rpm_arguments, false},
	{"/usr/lib/sysimage/rpm", "rpm", rpm_arguments, false},
	{"/var/lib/pacman/local", "pacman", pacman_arguments, true},
};

static const char *argument(const struct tool *t, const char *text, const char *root)
{
	if (!strcmp(text, ROOT))
		return root[0] ? root : "/";
	return strcmp(text, DATABASE) ? text : t->database;
}

/* The first line that the tool prints; it exits with 0, or the line is talk. */
static bool run_tool(const struct tool *t, const char *root, const char *path, char line[256])
{
	const char *argv[12];
	posix_spawn_file_actions_t actions;
	int pipes[2], status = -1;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	for (; t->arguments[n]; n++)
		argv[n] = argument(t, t->arguments[n], root);
	argv[n++] = path;
	argv[n] = NULL;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, t->program, &actions, NULL, (char *const *)argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	got = pid > 0 ? read(pipes[0], line, 255) : -1;
	close(pipes[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (got <= 0 || status != 0)
		return false;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line[0] != '\0';
}

static void ask_tool(struct search *s, const struct tool *t, size_t count)
{
	size_t asked = 0;
	char line[256];
	const char *path;

	for (size_t i = 0; i < count && asked < ASKED_MOST; i++) {
		if (!s->queries[i].path)
			continue;
		asked++;
		path = s->queries[i].path;
		if (t->outside)
			path = arena_printf(s->a, "%s%s", s->root, path);
		if (run_tool(t, s->root, path, line))
			s->queries[i].package = arena_strdup(s->a, line);
	}
}

void owner_find(const char *root, struct owner_query *q, size_t count, struct arena *a)
{
	struct search s = {.root = root, .a = a, .queries = q, .slots = 64};
	char path[PATH_MAX];

	while (s.slots < count * 4 + 1)
		s.slots *= 2;
	s.wanted = xcalloc(s.slots, sizeof(*s.wanted));
	s.ranks = xcalloc(count + 1, sizeof(*s.ranks));
	for (size_t i = 0; i < count; i++) {
		s.ranks[i] = INT_MAX;
		q[i].package = NULL;
	}
	if (!ask_dpkg(&s, count))
		for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
			snprintf(path, sizeof(path), "%s%s", root, tools[i].database);
			if (access(path, R_OK) < 0)
				continue;
			ask_tool(&s, &tools[i], count);
			break;
		}
	free(s.wanted);
	free(s.ranks);
	buf_release(&s.text);
}
