#include "epochd/guard.h"

#include "matr-ld/root.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CLASS_FOLDER = 1, CLASS_MODE = 3 };

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

static struct identity look(const char *root, const char *path)
{
	struct identity id = {0};
	struct stat st;

	if (root_stat(root ? root : "", path, &st) == 0)
		identity_from_stat(&id, &st);
	return id;
}

static uint32_t look_at_mode(const char *root, const char *path)
{
	struct stat st;

	return root_stat(root ? root : "", path, &st) == 0 ? st.st_mode : 0;
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
		f->identity = look(g->root, path);
	else
		f->mode = look_at_mode(g->root, path);
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

/* What a search path names: each folder, and each component that says nothing certain. */
struct naming {
	void (*folder)(void *context, const char *path);
	void (*unknown)(void *context);
	void *context;
	struct arena *arena;
};

/* One component, with $ORIGIN at its beginning put in; anything cleverer is not guarded. */
static void name_component(const struct naming *n, const char *component, size_t bytes,
			   const char *origin)
{
	static const char *const names[] = {"$ORIGIN", "${ORIGIN}"};
	char *text = arena_alloc(n->arena, bytes + 1);
	const char *base = "";

	memcpy(text, component, bytes);
	while (bytes > 1 && text[bytes - 1] == '/')
		text[--bytes] = 0;
	for (int i = 0; i < 2; i++) {
		size_t length = strlen(names[i]);

		if (!strncmp(text, names[i], length)) {
			text += length;
			base = origin;
			break;
		}
	}
	if (strchr(text, '$') || (!*base && text[0] != '/')) {
		n->unknown(n->context);
		return;
	}
	if (!strcmp(text, "/"))
		text = "/."; /* a slash at the end tells a mode's record */
	for (size_t i = 0; i < sizeof(subfolders) / sizeof(subfolders[0]); i++)
		n->folder(n->context, arena_printf(n->arena, "%s%s%s", base, text, subfolders[i]));
}

static void name_folders(const struct naming *n, const char *search_path, const char *object_path)
{
	const char *slash = strrchr(object_path, '/');
	char *origin = arena_strdup(n->arena, object_path);

	origin[slash ? slash - object_path : 0] = 0;
	while (search_path && *search_path) {
		size_t bytes = strcspn(search_path, ":");

		if (bytes)
			name_component(n, search_path, bytes, origin);
		search_path += bytes;
		search_path += *search_path == ':';
	}
}

static void add_named(void *context, const char *path)
{
	add(context, path, CLASS_FOLDER);
}

static void nothing_known(void *context)
{
	(void)context;
}

void guard_object(struct guard *g, const struct object *o)
{
	struct naming n = {.folder = add_named, .unknown = nothing_known, .context = g};

	if (!o->rpath && !o->runpath)
		return;
	pthread_mutex_lock(&g->lock);
	n.arena = &g->arena;
	name_folders(&n, o->runpath ? o->runpath : o->rpath, o->path);
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

/* ---- an old guard, asked ---- */

enum verdict { UNASKED, HOLDS, CHANGED };

/* As it was looked at then. */
static void keep_record(struct guard *g, const struct catalogue_file *f)
{
	struct guard_folder *new;
	struct guard_folder **at;
	size_t n = strlen(f->path);
	char *path;

	path = arena_strdup(&g->arena, f->path);
	if (f->class == CLASS_MODE && n > 1)
		path[n - 1] = 0;
	at = &g->buckets[bucket_of(path)];
	for (new = *at; new; new = new->next)
		if (new->class == f->class && !strcmp(new->path, path))
			return;
	new = arena_alloc(&g->arena, sizeof(*new));
	*new = (struct guard_folder){.path = path,
				     .identity = f->identity,
				     .class = f->class,
				     .mode = (uint32_t)f->extra,
				     .next = *at};
	*at = new;
	g->count++;
}

static bool folder_holds(const struct guard_memory *m, const struct catalogue_file *f)
{
	struct identity now;

	if (f->class == CLASS_MODE)
		return look_at_mode(m->root, f->path) == f->extra;
	now = look(m->root, f->path);
	return f->class == CLASS_FOLDER && same_folder(&now, &f->identity);
}

void guard_memory_open(struct guard_memory *m)
{
	m->verdicts = xcalloc(m->count, 1);
}

void guard_memory_release(struct guard_memory *m)
{
	free(m->verdicts);
	*m = (struct guard_memory){0};
}

/* Records are sorted by path; that of a mode ends in a slash. */
static bool holds(struct guard_memory *m, const char *path)
{
	struct catalogue_file wanted = {.path = path};
	const struct catalogue_file *f = NULL;
	uint8_t *verdict;

	if (m->count)
		f = bsearch(&wanted, m->files, m->count, sizeof(*f), by_path);
	if (!f)
		return false;
	verdict = &m->verdicts[f - m->files];
	if (*verdict == UNASKED)
		*verdict = folder_holds(m, f) ? HOLDS : CHANGED;
	return *verdict == HOLDS;
}

struct asking {
	struct guard_memory *memory;
	bool all;
};

static void ask_folder(void *context, const char *path)
{
	struct asking *a = context;

	a->all = a->all && holds(a->memory, path);
}

static void ask_unknown(void *context)
{
	struct asking *a = context;

	a->all = false;
}

bool guard_search_holds(struct guard_memory *m, const char *search_path, const char *object_path)
{
	struct arena arena = ARENA_INIT;
	struct asking a = {.memory = m, .all = true};
	struct naming n = {.folder = ask_folder,
			   .unknown = ask_unknown,
			   .context = &a,
			   .arena = &arena};

	name_folders(&n, search_path, object_path);
	arena_release(&arena);
	return a.all;
}

bool guard_modes_hold(struct guard_memory *m, const char *path)
{
	struct arena arena = ARENA_INIT;
	char *folder = arena_strdup(&arena, path), *slash;
	bool all = true;

	while (all && (slash = strrchr(folder, '/')) && slash > folder) {
		slash[1] = 0;
		all = holds(m, folder);
		*slash = 0;
	}
	arena_release(&arena);
	return all;
}

void guard_keep(struct guard *g, const struct guard_memory *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->verdicts[i] == HOLDS)
			keep_record(g, &m->files[i]);
}
