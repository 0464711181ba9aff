#include "common/file.h"

#include "common/arena.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_again(int dirfd, const char *name, int flags, mode_t mode)
{
	int fd;

	do
		fd = openat(dirfd, name, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* Appends what is left of fd; the size is only a first guess, since files grow. */
static int read_rest(int fd, size_t max, struct buf *b)
{
	size_t start = b->used, chunk = 4096;
	struct stat st;
	ssize_t n;
	char *p;

	if (fstat(fd, &st) == 0 && st.st_size > 0 && (!max || (size_t)st.st_size <= max))
		chunk = (size_t)st.st_size + 1;
	for (;;) {
		p = buf_extend(b, chunk);
		n = read(fd, p, chunk);
		b->used -= chunk - (n > 0 ? (size_t)n : 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (max && b->used - start > max) {
			errno = EFBIG;
			n = -1;
			break;
		}
		chunk = 65536;
	}
	if (n < 0)
		b->used = start;
	if (b->data)
		b->data[b->used] = 0;
	return n < 0 ? -1 : 0;
}

int file_read(int dirfd, const char *name, size_t max, struct buf *b, struct err *e)
{
	int fd = open_again(dirfd, name, O_RDONLY, 0);
	int rc = 0;

	if (fd < 0)
		return err_sys(e, "cannot open '%s'", name);
	if (read_rest(fd, max, b) < 0)
		rc = err_sys(e, "cannot read '%s'", name);
	close(fd);
	return rc;
}

int file_write_all(int fd, const void *data, size_t bytes)
{
	const char *p = data;
	ssize_t n;

	while (bytes) {
		n = write(fd, p, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}

int file_pwrite_all(int fd, const void *data, size_t bytes, uint64_t offset)
{
	const char *p = data;
	ssize_t n;

	while (bytes) {
		n = pwrite(fd, p, bytes, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		bytes -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* The folder part of a name, for syncing it after a rename. */
static int sync_folder_of(int dirfd, const char *name, struct err *e)
{
	const char *slash = strrchr(name, '/');
	char *folder;
	int rc;

	if (!slash)
		return file_sync_folder(dirfd, ".", e);
	folder = xstrdup(name);
	folder[slash == name ? 1 : slash - name] = 0;
	rc = file_sync_folder(dirfd, folder, e);
	free(folder);
	return rc;
}

/* 0 with the new content synced under the name `aside`; errno is set otherwise. */
static int write_aside(const struct file_replace *r, const char *aside)
{
	int fd, rc;

	unlinkat(r->dirfd, aside, 0);
	fd = open_again(r->dirfd, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	rc = file_write_all(fd, r->data, r->bytes);
	if (rc == 0 && (fchmod(fd, r->mode) < 0 || fsync(fd) < 0))
		rc = -errno;
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

int file_replace(const struct file_replace *r, struct err *e)
{
	char *aside = xmalloc(strlen(r->name) + sizeof(".tmp"));
	int rc;

	sprintf(aside, "%s.tmp", r->name);
	rc = write_aside(r, aside);
	if (rc == 0 && renameat(r->dirfd, aside, r->dirfd, r->name) < 0)
		rc = -errno;
	if (rc < 0) {
		unlinkat(r->dirfd, aside, 0);
		err_set(e, rc, "cannot write '%s': %s", r->name, strerror(-rc));
	} else {
		rc = sync_folder_of(r->dirfd, r->name, e);
	}
	free(aside);
	return rc;
}

/* mkdir with an exact mode; 0 also where the folder is there already. */
static int make_folder(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return chmod(path, mode) < 0 ? -errno : 0;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return errno == EEXIST ? -ENOTDIR : -errno;
}

int file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char *copy = xstrdup(path), *p = copy;
	struct stat st;
	int rc = 0;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		free(copy);
		return 0;
	}
	while (rc == 0 && (p = strchr(p + 1, '/'))) {
		*p = 0;
		/* A folder above that exists may be on a read-only mount: never mkdir it. */
		if (stat(copy, &st) < 0 || !S_ISDIR(st.st_mode))
			rc = make_folder(copy, mode | 0700);
		*p = '/';
	}
	if (rc == 0)
		rc = make_folder(path, mode);
	free(copy);
	if (rc < 0)
		return err_set(e, rc, "cannot make the folder '%s': %s", path, strerror(-rc));
	return 0;
}

int file_sync_folder(int dirfd, const char *name, struct err *e)
{
	int fd = open_again(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
	int rc = 0;

	if (fd < 0)
		return err_sys(e, "cannot open the folder '%s'", name);
	/* Some file systems cannot sync a folder and say so: theirs are always last. */
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		rc = err_sys(e, "cannot sync the folder '%s'", name);
	close(fd);
	return rc;
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Empties and closes a folder; 0 or a negative errno value of the first failure. */
static int empty_folder(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *entry;
	int rc = 0, one;

	if (!d) {
		rc = -errno;
		close(fd);
		return rc;
	}
	while ((entry = readdir(d))) {
		if (is_dot(entry->d_name))
			continue;
		one = file_remove_tree(fd, entry->d_name, NULL);
		if (rc == 0)
			rc = one;
	}
	closedir(d);
	return rc;
}

int file_remove_tree(int dirfd, const char *name, struct err *e)
{
	int fd, rc = 0;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(e, "cannot remove '%s'", name);
	fd = open_again(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return err_sys(e, "cannot remove '%s'", name);
	rc = empty_folder(fd);
	if (rc == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		rc = -errno;
	if (rc < 0)
		err_set(e, rc, "cannot remove '%s': %s", name, strerror(-rc));
	return rc;
}
