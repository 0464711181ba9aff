#include "cache/publish.h"

#include "cache/catalogue.h"
#include "common/arena.h"
#include "common/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More images than this are cheaper to sync together with the whole file system. */
#define SYNC_ONE_BY_ONE 64
#define NAME_BYTES 64

struct publish {
	struct store *store;
	uint64_t epoch;
	char name[NAME_BYTES];	/* "epochs/N" */
	char aside[NAME_BYTES]; /* "epochs/N.tmp" */
	int dirs[3];		/* by enum publish_place */
	struct written *written; /* files of the epoch that have to be synced; links are */
	size_t written_count, written_capacity;
	pthread_mutex_t lock;	/* over written */
};

struct written {
	enum publish_place place;
	char name[NAME_MAX + 1];
};

static void epoch_name(char out[NAME_BYTES], uint64_t n, const char *suffix)
{
	snprintf(out, NAME_BYTES, "epochs/%llu%s", (unsigned long long)n, suffix);
}

static mode_t file_mode(const struct store *s, const struct publish_file *f)
{
	mode_t mode = store_is_shared(s) && !f->own ? 0444 : 0400;

	return f->executable ? mode | (mode >> 2) : mode;
}

static mode_t folder_mode(const struct store *s)
{
	return store_is_shared(s) ? 0755 : 0700;
}

/* ---- what a crash left over ---- */

/* A whole decimal number without leading zero, or 0. */
static uint64_t number_of(const char *name)
{
	uint64_t n;
	char *end;

	if (*name < '1' || *name > '9')
		return 0;
	errno = 0;
	n = strtoull(name, &end, 10);
	return *end || errno ? 0 : n;
}

static int is_leftover(struct catalogue_read *r, const char *name)
{
	struct arena a = ARENA_INIT;
	struct catalogue_epoch epoch;
	uint64_t n = number_of(name);
	int rc;

	if (!n)
		return name[0] != '.';
	rc = catalogue_get_epoch(r, n, &a, &epoch, NULL);
	arena_release(&a);
	return rc == -ENOENT;
}

/* `current` goes before the folder that it names. */
static int remove_leftover(struct store *s, const char *name, struct err *e)
{
	char path[NAME_BYTES + 300];
	uint64_t n = number_of(name), current = 0;
	int rc = 0;

	if (n && publish_current(s, &current, NULL) == 0 && current == n)
		rc = publish_withdraw(s, e);
	snprintf(path, sizeof(path), "epochs/%s", name);
	return rc < 0 ? rc : file_remove_tree(store_dirfd(s), path, e);
}

static int clean_loaders(struct store *s, struct err *e)
{
	int fd = openat(store_dirfd(s), "loader", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	struct dirent *entry;
	size_t n;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return err_sys(e, "cannot read '%s/loader'", store_dir(s));
	while (rc == 0 && (entry = readdir(d))) {
		n = strlen(entry->d_name);
		if (n > 4 && strcmp(entry->d_name + n - 4, ".tmp") == 0)
			rc = file_remove_tree(dirfd(d), entry->d_name, e);
	}
	closedir(d);
	return rc;
}

static int clean(struct store *s, struct err *e)
{
	int fd = openat(store_dirfd(s), "epochs", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;
	struct catalogue_read *r;
	struct dirent *entry;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return err_sys(e, "cannot read '%s/epochs'", store_dir(s));
	rc = catalogue_read_begin(&r, s, e);
	if (rc == 0) {
		while (rc == 0 && (entry = readdir(d)))
			if (is_leftover(r, entry->d_name))
				rc = remove_leftover(s, entry->d_name, e);
		catalogue_read_end(r);
	}
	closedir(d);
	unlinkat(store_dirfd(s), "current.tmp", 0);
	return rc == 0 ? clean_loaders(s, e) : rc;
}

/* ---- writing ---- */

static int make_folder(const struct publish *p, const char *name, int *fd, struct err *e)
{
	mode_t mode = folder_mode(p->store);
	int dir = store_dirfd(p->store);

	if (mkdirat(dir, name, mode) < 0 || fchmodat(dir, name, mode, 0) < 0)
		return err_sys(e, "cannot make '%s/%s'", store_dir(p->store), name);
	*fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return err_sys(e, "cannot open '%s/%s'", store_dir(p->store), name);
	return 0;
}

static int make_folders(struct publish *p, struct err *e)
{
	char prog[NAME_BYTES + 8];
	int rc = make_folder(p, p->aside, &p->dirs[PUBLISH_EPOCH], e);

	if (rc < 0)
		return rc;
	snprintf(prog, sizeof(prog), "%s/prog", p->aside);
	rc = make_folder(p, prog, &p->dirs[PUBLISH_PROGRAM], e);
	if (rc < 0)
		return rc;
	p->dirs[PUBLISH_LOADER] =
	    openat(store_dirfd(p->store), "loader", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dirs[PUBLISH_LOADER] < 0)
		return err_sys(e, "cannot open '%s/loader'", store_dir(p->store));
	return 0;
}

static void publish_free(struct publish *p)
{
	int i;

	for (i = 0; i < 3; i++)
		if (p->dirs[i] >= 0)
			close(p->dirs[i]);
	pthread_mutex_destroy(&p->lock);
	free(p->written);
	free(p);
}

int publish_begin(struct publish **out, struct store *s, uint64_t n, struct err *e)
{
	struct publish *p;
	int rc = store_lock_exclusive(s, e);

	if (rc < 0)
		return rc;
	rc = clean(s, e);
	if (rc == 0 && publish_is_sealed(s, n))
		rc = err_set(e, -EEXIST, "epoch %llu is published already", (unsigned long long)n);
	if (rc < 0) {
		store_unlock(s);
		return rc;
	}
	p = xcalloc(1, sizeof(*p));
	p->store = s;
	p->epoch = n;
	pthread_mutex_init(&p->lock, NULL);
	p->dirs[0] = p->dirs[1] = p->dirs[2] = -1;
	epoch_name(p->name, n, "");
	epoch_name(p->aside, n, ".tmp");
	rc = make_folders(p, e);
	if (rc < 0) {
		publish_abort(p);
		return rc;
	}
	*out = p;
	return 0;
}

void publish_abort(struct publish *p)
{
	if (!p)
		return;
	file_remove_tree(store_dirfd(p->store), p->aside, NULL);
	store_unlock(p->store);
	publish_free(p);
}

static int file_fail(const struct publish *p, const struct publish_file *f, int code, struct err *e)
{
	const char *folder = f->place == PUBLISH_LOADER ? "loader" : p->name;

	return err_set(e, code, "cannot write '%s/%s%s/%s': %s", store_dir(p->store), folder,
		       f->place == PUBLISH_PROGRAM ? "/prog" : "", f->name, strerror(-code));
}

static void remember(struct publish *p, const struct publish_file *f)
{
	struct written *w;

	pthread_mutex_lock(&p->lock);
	p->written = array_grow(p->written, p->written_count, &p->written_capacity, sizeof(*w));
	w = &p->written[p->written_count++];
	w->place = f->place;
	snprintf(w->name, sizeof(w->name), "%s", f->name);
	pthread_mutex_unlock(&p->lock);
}

static int new_file(const struct publish *p, const struct publish_file *f, const char *name)
{
	return openat(p->dirs[f->place], name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      0600);
}

/* Content and mode; 0 or a negative errno value. */
static int fill(const struct publish *p, const struct publish_file *f, int fd)
{
	int rc = file_write_all(fd, f->data, f->bytes);

	if (rc == 0 && fchmod(fd, file_mode(p->store, f)) < 0)
		rc = -errno;
	return rc;
}

/* A loader is named by its hash: one that is there is the same one, if it is whole. */
static int put_loader(struct publish *p, const struct publish_file *f, struct err *e)
{
	int dir = p->dirs[PUBLISH_LOADER], fd, rc;
	char aside[NAME_MAX + 1];
	struct stat st;

	if (fstatat(dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == f->bytes)
		return 0;
	if (snprintf(aside, sizeof(aside), "%s.tmp", f->name) >= (int)sizeof(aside))
		return file_fail(p, f, -ENAMETOOLONG, e);
	unlinkat(dir, aside, 0);
	fd = new_file(p, f, aside);
	rc = fd < 0 ? -errno : fill(p, f, fd);
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	if (rc == 0 && renameat(dir, aside, dir, f->name) < 0)
		rc = -errno;
	if (rc == 0)
		return 0;
	unlinkat(dir, aside, 0);
	return file_fail(p, f, rc, e);
}

int publish_put(struct publish *p, const struct publish_file *f, struct err *e)
{
	int fd, rc;

	if (f->place == PUBLISH_LOADER)
		return put_loader(p, f, e);
	fd = new_file(p, f, f->name);
	if (fd < 0)
		return file_fail(p, f, -errno, e);
	rc = fill(p, f, fd);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		return file_fail(p, f, rc, e);
	remember(p, f);
	return 0;
}

int publish_create(struct publish *p, const struct publish_file *f, int *out, struct err *e)
{
	int fd = new_file(p, f, f->name), rc = 0;

	if (fd < 0)
		return file_fail(p, f, -errno, e);
	if (f->bytes)
		rc = -posix_fallocate(fd, 0, (off_t)f->bytes);
	if (rc == 0 && fchmod(fd, file_mode(p->store, f)) < 0)
		rc = -errno;
	if (rc < 0) {
		close(fd);
		unlinkat(p->dirs[f->place], f->name, 0);
		return file_fail(p, f, rc, e);
	}
	remember(p, f);
	*out = fd;
	return 0;
}

/* ext4 allows 65,000 names of one file; where there may be no more, a copy serves as well. */
static int copy_file(struct publish *p, const struct publish_file *f, const char *from,
		     struct err *e)
{
	struct publish_file copy = *f;
	struct buf content = BUF_INIT;
	int rc = file_read(store_dirfd(p->store), from, 0, &content, e);

	copy.data = content.data;
	copy.bytes = content.used;
	if (rc == 0)
		rc = publish_put(p, &copy, e);
	buf_release(&content);
	return rc;
}

int publish_link(struct publish *p, struct publish_file *f, uint64_t from, struct err *e)
{
	char path[NAME_BYTES + NAME_MAX + 8];
	struct stat st;
	int rc;

	snprintf(path, sizeof(path), "epochs/%llu%s/%s", (unsigned long long)from,
		 f->place == PUBLISH_PROGRAM ? "/prog" : "", f->name);
	if (linkat(store_dirfd(p->store), path, p->dirs[f->place], f->name, 0) < 0) {
		if (errno == EEXIST)
			return 0;
		rc = errno == EMLINK ? copy_file(p, f, path, e) : file_fail(p, f, -errno, e);
		if (rc < 0)
			return rc;
	}
	if (fstatat(p->dirs[f->place], f->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return file_fail(p, f, -errno, e);
	f->bytes = (uint64_t)st.st_size;
	return 1;
}

int publish_load(struct store *s, uint64_t n, const char *name, struct buf *out, struct err *e)
{
	char path[NAME_BYTES + NAME_MAX + 1];

	snprintf(path, sizeof(path), "epochs/%llu/%s", (unsigned long long)n, name);
	return file_read(store_dirfd(s), path, 0, out, e);
}

/* ---- sealing ---- */

static int sync_file(const struct publish *p, const struct written *w, struct err *e)
{
	int fd = openat(p->dirs[w->place], w->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;

	if (fd < 0 || fsync(fd) < 0)
		rc = err_sys(e, "cannot sync '%s/%s': %s", store_dir(p->store), p->aside, w->name);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Links need no sync of their own: the folder's makes them last, and their content is old. */
static int sync_all(const struct publish *p, struct err *e)
{
	int rc = 0;

	if (p->written_count > SYNC_ONE_BY_ONE && syncfs(p->dirs[PUBLISH_EPOCH]) < 0)
		rc = err_sys(e, "cannot sync '%s'", store_dir(p->store));
	for (size_t i = 0; rc == 0 && i < p->written_count; i++)
		if (p->written_count <= SYNC_ONE_BY_ONE || p->written[i].place == PUBLISH_EPOCH)
			rc = sync_file(p, &p->written[i], e);
	if (rc == 0)
		rc = file_sync_folder(p->dirs[PUBLISH_PROGRAM], ".", e);
	if (rc == 0)
		rc = file_sync_folder(p->dirs[PUBLISH_EPOCH], ".", e);
	if (rc == 0)
		rc = file_sync_folder(p->dirs[PUBLISH_LOADER], ".", e);
	return rc;
}

int publish_seal(struct publish *p, struct err *e)
{
	int dir = store_dirfd(p->store), rc = sync_all(p, e);

	if (rc == 0 && renameat(dir, p->aside, dir, p->name) < 0)
		rc = err_sys(e, "cannot rename '%s/%s'", store_dir(p->store), p->aside);
	if (rc == 0)
		rc = file_sync_folder(dir, "epochs", e);
	if (rc < 0) {
		publish_abort(p);
		return rc;
	}
	store_unlock(p->store);
	publish_free(p);
	return 0;
}

int publish_discard(struct store *s, uint64_t n, struct err *e)
{
	char name[NAME_BYTES], gone[NAME_BYTES];
	int dir = store_dirfd(s);

	epoch_name(name, n, "");
	epoch_name(gone, n, ".gone");
	/* Renamed first: nobody finds half an epoch under its number. */
	file_remove_tree(dir, gone, NULL);
	if (renameat(dir, name, dir, gone) < 0)
		return errno == ENOENT ? 0
				       : err_sys(e, "cannot remove '%s/%s'", store_dir(s), name);
	return file_remove_tree(dir, gone, e);
}

/* ---- the switch ---- */

int publish_is_sealed(struct store *s, uint64_t n)
{
	char name[NAME_BYTES];
	struct stat st;

	epoch_name(name, n, "");
	return fstatat(store_dirfd(s), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

int publish_switch(struct store *s, uint64_t n, struct err *e)
{
	int dir = store_dirfd(s), rc;
	char name[NAME_BYTES];

	if (!publish_is_sealed(s, n))
		return err_set(e, -ENOENT, "epoch %llu has no published files in '%s'",
			       (unsigned long long)n, store_dir(s));
	epoch_name(name, n, "");
	unlinkat(dir, "current.tmp", 0);
	if (symlinkat(name, dir, "current.tmp") < 0)
		return err_sys(e, "cannot make '%s/current.tmp'", store_dir(s));
	if (renameat(dir, "current.tmp", dir, "current") < 0) {
		rc = err_sys(e, "cannot replace '%s/current'", store_dir(s));
		unlinkat(dir, "current.tmp", 0);
		return rc;
	}
	return file_sync_folder(dir, ".", e);
}

int publish_withdraw(struct store *s, struct err *e)
{
	if (unlinkat(store_dirfd(s), "current", 0) < 0) {
		if (errno == ENOENT)
			return 0;
		return err_sys(e, "cannot remove '%s/current'", store_dir(s));
	}
	return file_sync_folder(store_dirfd(s), ".", e);
}

int publish_current(struct store *s, uint64_t *n, struct err *e)
{
	char target[NAME_BYTES];
	ssize_t bytes = readlinkat(store_dirfd(s), "current", target, sizeof(target) - 1);
	uint64_t found = 0;

	if (bytes < 0 && errno == ENOENT)
		return err_set(e, -ENOENT, "no epoch is current in '%s'", store_dir(s));
	if (bytes < 0 && errno != EINVAL)
		return err_sys(e, "cannot read '%s/current'", store_dir(s));
	target[bytes > 0 ? bytes : 0] = 0;
	if (strncmp(target, "epochs/", 7) == 0)
		found = number_of(target + 7);
	if (!found)
		return err_set(e, -EBADMSG, "'%s/current' does not name an epoch", store_dir(s));
	*n = found;
	return 0;
}
