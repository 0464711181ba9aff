#include "cache/gc.h"

#include "cache/catalogue.h"
#include "cache/publish.h"
#include "common/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A process may have so many bytes of maps looked at. */
#define MAPS_MAX ((size_t)32 << 20)

struct candidate {
	uint64_t number;
	uint64_t pages_inode; /* 0: no file */
	bool keep, in_use, in_catalogue;
	char loader[256]; /* name in STORE/loader, "" for none */
};

struct loader_file {
	char name[256];
	int64_t mtime_nsec;
	bool keep;
};

struct gc {
	struct store *store;
	struct candidate *list; /* newest first */
	size_t count, capacity;
	struct loader_file *loaders;
	size_t loader_count, loader_capacity;
	char prefix[CATALOGUE_PATH_MAX + 16]; /* STORE/ */
	size_t prefix_bytes;
	bool unseen; /* a process could not be looked at */
};

static struct candidate *candidate(struct gc *g, uint64_t number)
{
	char name[64];
	struct stat st;
	size_t i;

	for (i = 0; i < g->count; i++)
		if (g->list[i].number == number)
			return &g->list[i];
	g->list = array_grow(g->list, g->count, &g->capacity, sizeof(*g->list));
	g->list[g->count] = (struct candidate){.number = number};
	snprintf(name, sizeof(name), "epochs/%llu/pages", (unsigned long long)number);
	if (fstatat(store_dirfd(g->store), name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		g->list[g->count].pages_inode = st.st_ino;
	return &g->list[g->count++];
}

static int newest_first(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return (a->number < b->number) - (a->number > b->number);
}

/* ---- what there is ---- */

static int list_catalogue(struct gc *g, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct catalogue_epoch *epochs;
	struct catalogue_read *r;
	struct candidate *c;
	size_t count, i;
	int rc = catalogue_read_begin(&r, g->store, e);

	if (rc < 0)
		return rc;
	rc = catalogue_list_epochs(r, &a, &epochs, &count, e);
	for (i = 0; rc == 0 && i < count; i++) {
		c = candidate(g, epochs[i].number);
		c->in_catalogue = true;
		snprintf(c->loader, sizeof(c->loader), "%s", epochs[i].loader_file);
	}
	arena_release(&a);
	catalogue_read_end(r);
	return rc;
}

static int open_list(struct gc *g, const char *name, DIR **out, struct err *e)
{
	int fd = openat(store_dirfd(g->store), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*out = fd < 0 ? NULL : fdopendir(fd);
	return *out ? 0 : err_sys(e, "cannot read '%s/%s'", store_dir(g->store), name);
}

static int list_folders(struct gc *g, struct err *e)
{
	struct dirent *entry;
	uint64_t n;
	char *end;
	DIR *d;
	int rc = open_list(g, "epochs", &d, e);

	if (rc < 0 || !d)
		return rc;
	while ((entry = readdir(d))) {
		n = strtoull(entry->d_name, &end, 10);
		if (n && !*end && isdigit((unsigned char)entry->d_name[0]))
			candidate(g, n);
	}
	closedir(d);
	if (g->count)
		qsort(g->list, g->count, sizeof(*g->list), newest_first);
	return 0;
}

static int list_loaders(struct gc *g, struct err *e)
{
	struct loader_file *f;
	struct dirent *entry;
	struct stat st;
	DIR *d;
	int rc = open_list(g, "loader", &d, e);

	if (rc < 0 || !d)
		return rc;
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		g->loaders = array_grow(g->loaders, g->loader_count, &g->loader_capacity,
					sizeof(*g->loaders));
		f = &g->loaders[g->loader_count++];
		*f = (struct loader_file){.mtime_nsec = st.st_mtim.tv_sec * 1000000000LL +
							st.st_mtim.tv_nsec};
		snprintf(f->name, sizeof(f->name), "%s", entry->d_name);
	}
	closedir(d);
	return 0;
}

/* ---- who uses it ---- */

static void use_epoch(struct gc *g, uint64_t number)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		if (g->list[i].number == number)
			g->list[i].in_use = true;
}

static void use_loader(struct gc *g, const char *name)
{
	size_t i, n;

	for (i = 0; i < g->loader_count; i++) {
		n = strlen(g->loaders[i].name);
		if (strncmp(name, g->loaders[i].name, n) == 0 && (!name[n] || name[n] == ' '))
			g->loaders[i].keep = true;
	}
}

/* One line of maps: "range mode offset device inode   path". */
static void look_at_line(struct gc *g, char *line)
{
	char *path = strchr(line, '/'), *at;
	unsigned long long inode = 0;
	size_t i;

	if (!path)
		return;
	path[strcspn(path, "\n")] = 0;
	if (strncmp(path, g->prefix, g->prefix_bytes) == 0) {
		at = path + g->prefix_bytes;
		if (strncmp(at, "epochs/", 7) == 0)
			use_epoch(g, strtoull(at + 7, NULL, 10));
		else if (strncmp(at, "loader/", 7) == 0)
			use_loader(g, at + 7);
		return;
	}
	/* Seen from another mount namespace or root the path differs; the inode does not. */
	at = strstr(path, "/epochs/");
	if (!at)
		return;
	for (i = 0, at = line; i < 4; i++) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	inode = strtoull(at, NULL, 10);
	for (i = 0; i < g->count; i++)
		if (inode && g->list[i].pages_inode == inode)
			g->list[i].in_use = true;
}

/* A kernel thread has no maps; a process that has just ended neither. */
static void look_at_process(struct gc *g, int proc, const char *pid)
{
	char name[300], *line = NULL;
	size_t capacity = 0, total = 0;
	struct stat st;
	ssize_t n;
	FILE *f;
	int fd;

	snprintf(name, sizeof(name), "%s/maps", pid);
	fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == EACCES || errno == EPERM)) {
		/* Others' processes cannot have come into a store that is closed to them. */
		if (store_is_shared(g->store) ||
		    (fstatat(proc, pid, &st, 0) == 0 && st.st_uid == geteuid()))
			g->unseen = true;
	}
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (total < MAPS_MAX && (n = getline(&line, &capacity, f)) > 0) {
		total += (size_t)n;
		look_at_line(g, line);
	}
	if (ferror(f) && (errno == EACCES || errno == EPERM))
		g->unseen = true;
	free(line);
	fclose(f);
}

static void look_at_processes(struct gc *g)
{
	DIR *d = opendir("/proc");
	struct dirent *entry;

	if (!d || faccessat(dirfd(d), "self/maps", R_OK, 0) < 0)
		g->unseen = true;
	while (d && (entry = readdir(d)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_process(g, dirfd(d), entry->d_name);
	if (d)
		closedir(d);
}

/* ---- what stays ---- */

static void decide(struct gc *g, unsigned keep, struct gc_result *out)
{
	uint64_t current = 0;
	size_t i, unseen_kept = 0;

	publish_current(g->store, &current, NULL);
	for (i = 0; i < g->count; i++)
		if (i < keep || g->list[i].number == current)
			g->list[i].keep = true;
	if (g->count > keep)
		look_at_processes(g);
	for (i = 0; i < g->count; i++) {
		if (g->list[i].keep)
			continue;
		if (g->list[i].in_use ||
		    (g->unseen && g->list[i].pages_inode && unseen_kept++ < GC_UNSEEN_KEEP)) {
			g->list[i].keep = true;
			out->epochs_in_use++;
		}
	}
}

static void decide_loaders(struct gc *g)
{
	struct loader_file *newest = NULL;
	size_t i;

	for (i = 0; i < g->count; i++)
		if (g->list[i].keep && g->list[i].loader[0])
			use_loader(g, g->list[i].loader);
	for (i = 0; i < g->loader_count; i++)
		if (!g->loaders[i].keep &&
		    (!newest || newest->mtime_nsec < g->loaders[i].mtime_nsec))
			newest = &g->loaders[i];
	if (newest)
		newest->keep = true;
}

/* ---- going ---- */

static int drop_records(struct gc *g, struct err *e)
{
	struct catalogue_write *w;
	size_t i;
	int rc = catalogue_write_begin(&w, g->store, e);

	if (rc < 0)
		return rc;
	for (i = 0; i < g->count && rc == 0; i++)
		if (!g->list[i].keep && g->list[i].in_catalogue)
			rc = catalogue_drop_epoch(w, g->list[i].number, e);
	if (rc < 0) {
		catalogue_write_abort(w);
		return rc;
	}
	return catalogue_write_commit(w, e);
}

static int remove_loaders(struct gc *g, bool dry, struct gc_result *out, struct err *e)
{
	char name[300];
	size_t i;

	for (i = 0; i < g->loader_count; i++) {
		if (g->loaders[i].keep)
			continue;
		out->loaders_removed++;
		snprintf(name, sizeof(name), "loader/%s", g->loaders[i].name);
		if (!dry && unlinkat(store_dirfd(g->store), name, 0) < 0 && errno != ENOENT)
			return err_sys(e, "cannot remove '%s/%s'", store_dir(g->store), name);
	}
	return 0;
}

static int remove_epochs(struct gc *g, bool dry, struct gc_result *out, struct err *e)
{
	struct catalogue_swept swept = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < g->count && rc == 0; i++) {
		if (g->list[i].keep) {
			out->epochs_kept++;
			continue;
		}
		out->epochs_removed++;
		if (!dry)
			rc = publish_discard(g->store, g->list[i].number, e);
	}
	if (rc < 0 || dry)
		return rc;
	if (out->epochs_removed)
		rc = drop_records(g, e);
	if (rc == 0)
		rc = catalogue_sweep(g->store, &swept, e);
	out->tables_removed = swept.tables;
	out->objects_removed = swept.objects;
	out->strings_removed = swept.strings;
	return rc;
}

int gc_run(struct store *s, const struct gc_options *options, struct gc_result *out, struct err *e)
{
	struct gc g = {.store = s};
	struct gc_result result = {0};
	int rc = store_lock_exclusive(s, e);

	if (rc < 0)
		return rc;
	g.prefix_bytes = (size_t)snprintf(g.prefix, sizeof(g.prefix), "%s/", store_dir(s));
	rc = list_catalogue(&g, e);
	if (rc == 0)
		rc = list_folders(&g, e);
	if (rc == 0)
		rc = list_loaders(&g, e);
	if (rc == 0) {
		decide(&g, options->keep ? options->keep : 1, &result);
		decide_loaders(&g);
		rc = remove_epochs(&g, options->dry_run, &result, e);
	}
	if (rc == 0)
		rc = remove_loaders(&g, options->dry_run, &result, e);
	free(g.list);
	free(g.loaders);
	store_unlock(s);
	if (rc == 0)
		*out = result;
	return rc;
}
