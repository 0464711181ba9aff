#include "epochd/guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CLASS_FOLDER = 1, CLASS_UNKNOWN = 2, CLASS_MODE = 3 };

struct guard_folder {
	const char *path;
	struct identity identity; /* CLASS_FOLDER: only dev, ino and times; zero: it is not there */
	uint32_t class, mode;     /* CLASS_MODE: st_mode */
	struct guard_folder *next;
};

void guard_init(struct guard *g)
{
	memset(g, 0, sizeof(*g));
	pthread_mutex_init(&g->lock, NULL);
}

void guard_release(struct guard *g)
{
	arena_release(&g->arena);
	pthread_mutex_destroy(&g->lock);
}

static struct identity look(const char *path)
{
	struct identity id = {0};
	struct stat st;

	if (stat(path, &st) == 0)
		identity_from_stat(&id, &st);
	return id;
}

static uint32_t look_at_mode(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode : 0;
}

static size_t bucket_of(const char *path)
{
	uint64_t h = 0;

	while (*path)
		h = h * 31 + (unsigned char)*path++;
	return h % GUARD_BUCKETS;
}

/* The first look counts: it was made before or while the search path was used. */
static bool add(struct guard *g, const char *path, uint32_t class)
{
	struct guard_folder **at = &g->buckets[bucket_of(path)], *f;

	for (f = *at; f; f = f->next)
		if (f->class == class && !strcmp(f->path, path))
			return false;
	f = arena_alloc(&g->arena, sizeof(*f));
	f->path = arena_strdup(&g->arena, path);
	f->class = class;
	if (class == CLASS_FOLDER)
		f->identity = look(path);
	else
		f->mode = look_at_mode(path);
	f->next = *at;
	*at = f;
	g->count++;
	return true;
}

/* Subfolders that some release of ld.so searches before the folder itself. */
static const char *const subfolders[] = {
	"", "/glibc-hwcaps", "/glibc-hwcaps/x86-64-v2", "/glibc-hwcaps/x86-64-v3",
	"/glibc-hwcaps/x86-64-v4", "/tls", "/haswell", "/x86_64", "/avx512_1",
};

static void add_with_subfolders(struct guard *g, const char *folder)
{
	for (size_t i = 0; i < sizeof(subfolders) / sizeof(subfolders[0]); i++)
		add(g, arena_printf(&g->arena, "%s%s", folder, subfolders[i]), CLASS_FOLDER);
}

void guard_modes(struct guard *g, const char *path)
{
	char *folder, *slash;

	pthread_mutex_lock(&g->lock);
	folder = arena_strdup(&g->arena, path);
	while ((slash = strrchr(folder, '/')) && slash > folder) {
		*slash = 0;
		if (!add(g, folder, CLASS_MODE)) /* then those above it are there too */
			break;
	}
	pthread_mutex_unlock(&g->lock);
}

/* One component, with $ORIGIN at its beginning put in; anything cleverer is not guarded. */
static void add_component(struct guard *g, const char *component, size_t n, const char *origin)
{
	static const char *const names[] = {"$ORIGIN", "${ORIGIN}"};
	char *text = arena_alloc(&g->arena, n + 1);
	const char *base = "";

	memcpy(text, component, n);
	for (int i = 0; i < 2; i++) {
		size_t length = strlen(names[i]);

		if (!strncmp(text, names[i], length)) {
			text += length;
			base = origin;
			break;
		}
	}
	if (strchr(text, '$') || (!*base && text[0] != '/'))
		g->unknown = true;
	else
		add_with_subfolders(g, arena_printf(&g->arena, "%s%s", base, text));
}

static void add_search_path(struct guard *g, const char *search_path, const char *object_path)
{
	const char *slash = strrchr(object_path, '/');
	char *origin = arena_strdup(&g->arena, object_path);

	origin[slash ? slash - object_path : 0] = 0;
	while (search_path && *search_path) {
		size_t n = strcspn(search_path, ":");

		if (n)
			add_component(g, search_path, n, origin);
		search_path += n;
		search_path += *search_path == ':';
	}
}

void guard_object(struct guard *g, const struct object *o)
{
	if (!o->rpath && !o->runpath)
		return;
	pthread_mutex_lock(&g->lock);
	add_search_path(g, o->runpath ? o->runpath : o->rpath, o->path);
	pthread_mutex_unlock(&g->lock);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct catalogue_file *)a)->path,
		      ((const struct catalogue_file *)b)->path);
}

/* The catalogue has one record per path: what is kept for the mode ends in a slash. */
static const char *class_path(struct arena *a, const struct guard_folder *f)
{
	return f->class == CLASS_MODE ? arena_printf(a, "%s/", f->path) : f->path;
}

struct catalogue_file *guard_records(struct guard *g, struct arena *a, size_t *count)
{
	struct catalogue_file *files = arena_alloc(a, (g->count + 1) * sizeof(*files));
	size_t n = 0;

	for (size_t i = 0; i < GUARD_BUCKETS; i++)
		for (const struct guard_folder *f = g->buckets[i]; f; f = f->next)
			files[n++] = (struct catalogue_file){
				.path = class_path(a, f), .identity = f->identity,
				.class = f->class, .extra = f->mode};
	if (g->unknown)
		files[n++] = (struct catalogue_file){.path = "/", .class = CLASS_UNKNOWN};
	qsort(files, n, sizeof(*files), by_path);
	*count = n;
	return files;
}

/* Reading a folder moves no time; its size may differ between file systems' moods. */
static bool same_folder(const struct identity *a, const struct identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->mtime_sec == b->mtime_sec &&
	       a->mtime_nsec == b->mtime_nsec && a->ctime_sec == b->ctime_sec &&
	       a->ctime_nsec == b->ctime_nsec;
}

static bool folder_holds(const struct catalogue_file *f)
{
	struct identity now;

	if (f->class == CLASS_MODE)
		return look_at_mode(f->path) == f->extra;
	now = look(f->path);
	return f->class == CLASS_FOLDER && same_folder(&now, &f->identity);
}

bool guard_holds(const struct catalogue_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!folder_holds(&files[i]))
			return false;
	return true;
}
