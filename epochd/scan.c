#include "epochd/scan.h"

#include "common/arena.h"
#include "matr-ld/root.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_path(struct scan *s, const char *path)
{
	s->paths = array_grow(s->paths, s->count, &s->capacity, sizeof(*s->paths));
	s->paths[s->count++] = xstrdup(path);
}

static int has_interpreter(int fd, const Elf64_Ehdr *h)
{
	Elf64_Phdr p[64];
	size_t n = h->e_phnum < 64 ? h->e_phnum : 64;
	ssize_t got;

	if (h->e_phentsize != sizeof(*p))
		return 0;
	got = pread(fd, p, n * sizeof(*p), (off_t)h->e_phoff);
	for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(*p); i++)
		if (p[i].p_type == PT_INTERP)
			return 1;
	return 0;
}

/* 1: a dynamic executable; 0: something else; -1: cannot be read. */
static int is_program(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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

static int skip_folder(const char *path)
{
	return !strcmp(path, "/proc") || !strcmp(path, "/sys") || !strcmp(path, "/dev") ||
	       !strcmp(path, "/run");
}

/* The path inside the root of one that nftw gave. */
static const char *inside(const struct scan *s, const char *path)
{
	return s->root ? path + strlen(s->root) : path;
}

/* nftw has no context argument; the lock makes one walk at a time of it. */
static pthread_mutex_t walk_lock = PTHREAD_MUTEX_INITIALIZER;
static struct scan *walking;

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	int answer;

	(void)ftw;
	if (type == FTW_DNR) {
		walking->unreadable++;
		return FTW_CONTINUE;
	}
	if (type == FTW_D && skip_folder(inside(walking, path)))
		return FTW_SKIP_SUBTREE;
	if (type != FTW_F || !S_ISREG(st->st_mode) || !(st->st_mode & 0111) ||
	    st->st_size < (off_t)sizeof(Elf64_Ehdr))
		return FTW_CONTINUE;
	answer = is_program(path);
	if (answer > 0)
		add_path(walking, inside(walking, path));
	else if (answer < 0)
		walking->unreadable++;
	return FTW_CONTINUE;
}

static int walk(struct scan *s, const char *folder, struct err *e)
{
	int ret;

	pthread_mutex_lock(&walk_lock);
	walking = s;
	ret = nftw(folder, visit, 32, FTW_PHYS | FTW_ACTIONRETVAL);
	walking = NULL;
	pthread_mutex_unlock(&walk_lock);
	return ret < 0 ? err_sys(e, "cannot search '%s' for programs", folder) : 0;
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

int scan_add(struct scan *s, const char *path, struct err *e)
{
	char real[PATH_MAX], full[PATH_MAX];
	struct stat st;
	int ret = locate(s, path, real, full, e);

	if (ret < 0)
		return ret;
	if (stat(full, &st) < 0)
		return err_sys(e, "cannot find '%s'", path);
	if (S_ISDIR(st.st_mode))
		return walk(s, full, e);
	add_path(s, real);
	return 0;
}

struct found {
	char *path;
	dev_t dev;
	ino_t ino;
};

static int by_inode(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

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
	struct found *found = xcalloc(s->count, sizeof(*found));
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		struct stat st = {0};

		if (root_stat(s->root ? s->root : "", s->paths[i], &st) < 0)
			s->unreadable++;
		found[i] = (struct found){s->paths[i], st.st_dev, st.st_ino};
	}
	qsort(found, s->count, sizeof(*found), by_inode);
	for (size_t i = 0; i < s->count; i++) {
		if (i && found[i].ino && found[i].dev == found[i - 1].dev &&
		    found[i].ino == found[i - 1].ino)
			free(found[i].path);
		else
			s->paths[kept++] = found[i].path;
	}
	s->count = kept;
	free(found);
	qsort(s->paths, s->count, sizeof(*s->paths), by_path);
}

void scan_release(struct scan *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->paths[i]);
	free(s->paths);
	*s = (struct scan)SCAN_INIT;
}
