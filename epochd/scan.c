#include "epochd/scan.h"

#include "epochd/parallel.h"
#include "matr-ld/root.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RACY_NSEC 2000000000ll
#define CHUNK 64 /* folders that a thread takes at a time */

static void add_found(struct scan *s, const char *path, const struct identity *id)
{
	s->found = array_grow(s->found, s->found_count, &s->found_capacity, sizeof(*s->found));
	s->found[s->found_count++] =
		(struct scan_found){.path = xstrdup(path), .dev = id->dev, .ino = id->ino};
}

/* ---- one file ---- */

static bool has_interpreter(int fd, const Elf64_Ehdr *h)
{
	Elf64_Phdr p[64];
	size_t n = h->e_phnum < 64 ? h->e_phnum : 64;
	ssize_t got;

	if (h->e_phentsize != sizeof(*p))
		return false;
	got = pread(fd, p, n * sizeof(*p), (off_t)h->e_phoff);
	for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(*p); i++)
		if (p[i].p_type == PT_INTERP)
			return true;
	return false;
}

/* 1: a dynamic executable; 0: something else; -1: cannot be read. */
static int is_program(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	Elf64_Ehdr h;
	int yes = 0;

	if (fd < 0)
		return -1;
	if (pread(fd, &h, sizeof(h), 0) == sizeof(h) && !memcmp(h.e_ident, ELFMAG, SELFMAG) &&
	    h.e_ident[EI_CLASS] == ELFCLASS64 && h.e_machine == EM_X86_64)
		yes = has_interpreter(fd, &h);
	close(fd);
	return yes;
}

static bool is_candidate(const struct stat *st)
{
	return S_ISREG(st->st_mode) && (st->st_mode & 0111);
}

static bool is_set(const struct identity *id)
{
	return id->ino != 0;
}

/* Zero where the time is so near that another change could leave it as it is. */
static struct identity lasting(const struct stat *st)
{
	struct identity id;
	struct timespec now;
	int64_t age;

	identity_from_stat(&id, st);
	clock_gettime(CLOCK_REALTIME, &now);
	age = (now.tv_sec - id.ctime_sec) * 1000000000ll + now.tv_nsec - id.ctime_nsec;
	return age >= RACY_NSEC ? id : (struct identity){0};
}

/* ---- one folder ---- */

struct walk {
	struct scan *scan;
	struct scan_folder **wave; /* the folders of one depth */
	size_t count;
	pthread_mutex_t lock;      /* over the scan's arena and lists */
};

/* What is read of a folder, before it is put into the arena. */
struct listing {
	struct scan_file *files;
	struct scan_found *found; /* programs among them: path is the name */
	const char **folders;
	size_t file_count, file_capacity, folder_count, folder_capacity;
	size_t found_count, found_capacity, unreadable;
	struct arena names;
};

/* One that was executable once is remembered also when it is not any more. */
static void list_file(struct listing *l, int folder, const char *name, const struct stat *st)
{
	int answer = is_candidate(st) ? is_program(folder, name) : 0;

	if (answer < 0) {
		l->unreadable++;
		return;
	}
	l->files = array_grow(l->files, l->file_count, &l->file_capacity, sizeof(*l->files));
	l->files[l->file_count++] = (struct scan_file){.name = arena_strdup(&l->names, name),
						       .identity = lasting(st),
						       .program = answer > 0};
	if (!answer)
		return;
	l->found = array_grow(l->found, l->found_count, &l->found_capacity, sizeof(*l->found));
	l->found[l->found_count++] = (struct scan_found){
		.path = arena_strdup(&l->names, name), .dev = st->st_dev, .ino = st->st_ino};
}

static void list_entry(struct listing *l, int folder, const struct dirent *entry)
{
	const char *name = entry->d_name;
	struct stat st;

	if (!strcmp(name, ".") || !strcmp(name, "..") ||
	    (entry->d_type != DT_REG && entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
		return;
	if (entry->d_type != DT_DIR && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (entry->d_type == DT_DIR || S_ISDIR(st.st_mode)) {
		l->folders = array_grow(l->folders, l->folder_count, &l->folder_capacity,
					sizeof(*l->folders));
		l->folders[l->folder_count++] = arena_strdup(&l->names, name);
	} else if (is_candidate(&st)) {
		list_file(l, folder, name, &st);
	}
}

static bool list_folder(struct listing *l, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			close(fd);
		l->unreadable++;
		return false;
	}
	while ((entry = readdir(d)))
		list_entry(l, fd, entry);
	closedir(d);
	return true;
}

/* The executable files of a folder that is as it was; each is looked at. */
static void list_remembered(struct listing *l, const struct scan_folder *old)
{
	int folder = -1;
	struct stat st;

	if (old->file_count)
		folder = open(old->path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	for (size_t i = 0; i < old->file_count; i++) {
		const struct scan_file *f = &old->files[i];
		struct identity now;

		if (fstatat(folder, f->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		identity_from_stat(&now, &st);
		if (!identity_equal(&now, &f->identity)) {
			if (S_ISREG(st.st_mode))
				list_file(l, folder, f->name, &st);
			continue;
		}
		l->files = array_grow(l->files, l->file_count, &l->file_capacity, sizeof(*l->files));
		l->files[l->file_count++] = *f;
		if (!f->program)
			continue;
		l->found = array_grow(l->found, l->found_count, &l->found_capacity,
				      sizeof(*l->found));
		l->found[l->found_count++] = (struct scan_found){
			.path = (char *)f->name, .dev = now.dev, .ino = now.ino};
	}
	if (folder >= 0)
		close(folder);
}

static const char *inside(const struct scan *s, const char *path)
{
	return s->root ? path + strlen(s->root) : path;
}

/* Under the lock: into the arena, with names that outlive the listing. */
static void keep_listing(struct walk *w, struct scan_folder *f, const struct listing *l)
{
	struct scan *s = w->scan;

	s->unreadable += l->unreadable;
	f->files = arena_memdup(&s->arena, l->files, l->file_count * sizeof(*l->files));
	f->file_count = l->file_count;
	for (size_t i = 0; i < f->file_count; i++)
		f->files[i].name = arena_strdup(&s->arena, f->files[i].name);
	if (l->folders) {
		f->folders = arena_memdup(&s->arena, l->folders, l->folder_count * sizeof(char *));
		f->folder_count = l->folder_count;
		for (size_t i = 0; i < f->folder_count; i++)
			f->folders[i] = arena_strdup(&s->arena, f->folders[i]);
	}
	for (size_t i = 0; i < l->found_count; i++) {
		struct identity id = {.dev = l->found[i].dev, .ino = l->found[i].ino};

		add_found(s, arena_printf(&s->arena, "%s/%s", inside(s, f->path), l->found[i].path),
			  &id);
	}
}

static bool same_folder(const struct identity *a, const struct identity *b)
{
	return identity_same_inode(a, b) && a->mtime_sec == b->mtime_sec &&
	       a->mtime_nsec == b->mtime_nsec && a->ctime_sec == b->ctime_sec &&
	       a->ctime_nsec == b->ctime_nsec;
}

static void visit(struct walk *w, struct scan_folder *f)
{
	const struct scan_folder *old = scan_memory_find(&w->scan->memory, f->path);
	struct listing l = {0};
	struct identity now;
	struct stat st;

	if (lstat(f->path, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	identity_from_stat(&now, &st);
	if (old && is_set(&old->identity) && same_folder(&now, &old->identity)) {
		f->identity = old->identity;
		f->folders = old->folders;
		f->folder_count = old->folder_count;
		if (!old->file_count)
			return;
		list_remembered(&l, old);
	} else if (list_folder(&l, f->path)) {
		f->identity = lasting(&st);
	}
	pthread_mutex_lock(&w->lock);
	keep_listing(w, f, &l);
	pthread_mutex_unlock(&w->lock);
	free(l.files);
	free(l.folders);
	free(l.found);
	arena_release(&l.names);
}

static int visit_chunk(void *context, size_t index, struct err *e)
{
	struct walk *w = context;

	(void)e;
	for (size_t i = index * CHUNK; i < w->count && i < (index + 1) * CHUNK; i++)
		visit(w, w->wave[i]);
	return 0;
}

/* ---- the walk: all folders of one depth, then those below them ---- */

static bool skip_folder(const char *path)
{
	return !strcmp(path, "/proc") || !strcmp(path, "/sys") || !strcmp(path, "/dev") ||
	       !strcmp(path, "/run");
}

static void add_folder(struct scan *s, const char *parent, const char *name)
{
	size_t n = strlen(parent), k = strlen(name);
	struct scan_folder *f = arena_alloc(&s->arena, sizeof(*f));
	char *path = arena_alloc(&s->arena, n + k + 2);

	memcpy(path, parent, n);
	path[n] = '/';
	memcpy(path + n + (k > 0), name, k + 1);
	f->path = path;
	if (n + k >= PATH_MAX - 1 || skip_folder(inside(s, path)))
		return;
	s->folders = array_grow(s->folders, s->folder_count, &s->folder_capacity,
				sizeof(struct scan_folder *));
	s->folders[s->folder_count++] = f;
}

static int walk(struct scan *s, const char *folder, struct err *e)
{
	struct walk w = {.scan = s};
	size_t first = s->folder_count, end;
	int ret = 0;

	pthread_mutex_init(&w.lock, NULL);
	add_folder(s, folder, "");
	while (ret == 0 && first < s->folder_count) {
		end = s->folder_count;
		w.wave = s->folders + first;
		w.count = end - first;
		ret = parallel_for(&(struct parallel){.threads = s->threads,
						      .count = (w.count + CHUNK - 1) / CHUNK,
						      .each = visit_chunk,
						      .context = &w},
				   e);
		for (; first < end; first++) {
			const struct scan_folder *f = s->folders[first];

			for (size_t i = 0; i < f->folder_count; i++)
				add_folder(s, f->path, f->folders[i]);
		}
	}
	pthread_mutex_destroy(&w.lock);
	return ret;
}

/* `real` becomes the canonical path inside the root, `full` the one to open. */
static int locate(const struct scan *s, const char *path, char *real, char *full, struct err *e)
{
	int ret = root_canonical(s->root ? s->root : "", path, real, e);

	if (ret < 0)
		return ret;
	if (snprintf(full, PATH_MAX, "%s%s", s->root ? s->root : "", real) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "'%s' is too long a path", path);
	return 0;
}

void scan_remember(struct scan *s, struct buf *bytes)
{
	s->remembered = *bytes;
	*bytes = (struct buf)BUF_INIT;
	scan_memory_load(&s->memory, &s->remembered);
}

int scan_add(struct scan *s, const char *path, struct err *e)
{
	char real[PATH_MAX], full[PATH_MAX];
	struct identity id;
	struct stat st;
	int ret = locate(s, path, real, full, e);

	if (ret < 0)
		return ret;
	if (stat(full, &st) < 0)
		return err_sys(e, "cannot find '%s'", path);
	if (S_ISDIR(st.st_mode))
		return walk(s, full, e);
	identity_from_stat(&id, &st);
	add_found(s, real, &id);
	return 0;
}

/* ---- the answer ---- */

static int by_inode(const void *a, const void *b)
{
	const struct scan_found *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void scan_finish(struct scan *s)
{
	if (s->found_count)
		qsort(s->found, s->found_count, sizeof(*s->found), by_inode);
	s->paths = xcalloc(s->found_count, sizeof(*s->paths));
	for (size_t i = 0; i < s->found_count; i++) {
		if (i && s->found[i].dev == s->found[i - 1].dev &&
		    s->found[i].ino == s->found[i - 1].ino)
			free(s->found[i].path);
		else
			s->paths[s->count++] = s->found[i].path;
	}
	s->found_count = 0;
	if (s->count)
		qsort(s->paths, s->count, sizeof(*s->paths), by_path);
}

void scan_save(const struct scan *s, struct buf *out)
{
	scan_memory_save(s->folders, s->folder_count, out);
}

void scan_release(struct scan *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->paths[i]);
	for (size_t i = 0; i < s->found_count; i++)
		free(s->found[i].path);
	free(s->paths);
	free(s->found);
	free(s->folders);
	scan_memory_release(&s->memory);
	buf_release(&s->remembered);
	arena_release(&s->arena);
	*s = (struct scan){0};
}
