/* Changing a program file; see the header for which way is taken when. */
#include "matr/program_edit.h"

#include "common/arena.h"
#include "common/file.h"
#include "matr/file_clone.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TEMPORARY ".matr-edit-"

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool unchanged(const struct stat *a, const struct stat *b)
{
	return same_file(a, b) && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static int check_unchanged(const struct program_edit *p, int fd, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "fstat");
	if (!unchanged(p->st, &st))
		return err_set(e, -EAGAIN, "the file changed meanwhile; try again");
	return 0;
}

/* Things that only hold for the exact bytes. */
static int check_sealed(int fd, const struct file_xattrs *x, struct err *e)
{
	long flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
		if (flags & FS_VERITY_FL)
			return err_set(e, -EPERM, "the file is sealed with fs-verity");
		if (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL))
			return err_set(e, -EPERM, "the file is immutable (chattr)");
	}
	if (file_xattrs_have(x, "security.ima") || file_xattrs_have(x, "security.evm"))
		return err_set(e, -EPERM, "the file carries a signature (IMA) that would break");
	return 0;
}

/* A copy with the new bytes, complete and synced, under the name `aside` in the folder. */
static int write_aside(const struct program_edit *p, int from, int folder, const char *aside,
		       struct err *e)
{
	int to = openat(folder, aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int status;

	if (to < 0)
		return err_sys(e, "cannot write '%s' beside the file", aside);
	status = file_clone_content(to, from, e);
	if (status == 0 && file_pwrite_all(to, p->bytes, p->count, p->offset) < 0)
		status = err_sys(e, "cannot write");
	if (status == 0)
		status = file_clone_attributes(to, from, p->st, true, e);
	if (status == 0 && fsync(to) < 0)
		status = err_sys(e, "cannot sync");
	if (status == 0)
		status = check_unchanged(p, from, e);
	close(to);
	if (status < 0)
		unlinkat(folder, aside, 0);
	return status;
}

static int open_folder(const char *path, char **name, struct err *e)
{
	char *copy = xstrdup(path);
	char *slash = strrchr(copy, '/');
	int fd;

	*name = xstrdup(slash + 1);
	slash[slash == copy] = '\0';
	fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err_sys(e, "cannot open the folder '%s'", copy);
		free(*name);
	}
	free(copy);
	return fd;
}

static int replace(const struct program_edit *p, int from, struct err *e)
{
	char aside[64], *name;
	int folder = open_folder(p->path, &name, e);
	int status;

	if (folder < 0)
		return -EIO;
	snprintf(aside, sizeof(aside), TEMPORARY "%d", (int)getpid());
	status = write_aside(p, from, folder, aside, e);
	if (status == 0 && renameat(folder, aside, folder, name) < 0) {
		status = err_sys(e, "cannot rename the copy over the file");
		unlinkat(folder, aside, 0);
	}
	if (status == 0)
		status = file_sync_folder(folder, ".", e);
	free(name);
	close(folder);
	return status;
}

static int write_in_place(const struct program_edit *p, const struct file_xattrs *x, int fd,
			  struct err *e)
{
	const struct timespec times[2] = {p->st->st_atim, p->st->st_mtim};
	ssize_t n = pwrite(fd, p->bytes, p->count, (off_t)p->offset);
	int status = 0;

	if (n != (ssize_t)p->count)
		return err_sys(e, "cannot write");
	/* Writing takes set-id bits and capabilities away. */
	if (fchmod(fd, p->st->st_mode & 07777) < 0)
		status = err_sys(e, "cannot restore the mode");
	if (status == 0)
		status = file_xattrs_write(x, fd, true, e);
	if (status == 0 && futimens(fd, times) < 0)
		status = err_sys(e, "cannot restore the times");
	if (status == 0 && fsync(fd) < 0)
		status = err_sys(e, "cannot sync");
	return status;
}

/* Paths of the file's links, as far as they can be known. */
struct links {
	char **paths;
	size_t count, capacity;
};

static void add_link(struct links *l, const struct program_edit *p, const char *path)
{
	char *whole = realpath(path, NULL);
	struct stat st;

	if (!whole || lstat(whole, &st) < 0 || !same_file(&st, p->st))
		goto out;
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->paths[i], whole) == 0)
			goto out;
	l->paths = array_grow(l->paths, l->count, &l->capacity, sizeof(*l->paths));
	l->paths[l->count++] = whole;
	return;
out:
	free(whole);
}

static void find_links(struct links *l, const struct program_edit *p)
{
	size_t n = (size_t)(strrchr(p->path, '/') - p->path) + 1;
	char *folder = xstrdup(p->path), *path;
	struct dirent *d;
	DIR *dir;

	add_link(l, p, p->path);
	for (size_t i = 0; i < p->named_count; i++)
		add_link(l, p, p->named[i]);
	folder[n] = '\0';
	dir = opendir(folder);
	while (dir && (d = readdir(dir))) {
		if (d->d_ino != p->st->st_ino)
			continue;
		path = xmalloc(n + strlen(d->d_name) + 1);
		memcpy(path, folder, n);
		strcpy(path + n, d->d_name);
		add_link(l, p, path);
		free(path);
	}
	if (dir)
		closedir(dir);
	free(folder);
}

/* Puts the file `aside` in place of one name; `aside` stays. */
static int replace_link(int folder, const char *aside, const char *path, struct err *e)
{
	char temporary[64], *name;
	int there = open_folder(path, &name, e);
	int status = 0;

	if (there < 0)
		return -EIO;
	snprintf(temporary, sizeof(temporary), TEMPORARY "%d-link", (int)getpid());
	unlinkat(there, temporary, 0);
	if (linkat(folder, aside, there, temporary, 0) < 0 ||
	    renameat(there, temporary, there, name) < 0) {
		status = err_sys(e, "cannot replace the link '%s'", path);
		unlinkat(there, temporary, 0);
	}
	if (status == 0)
		status = file_sync_folder(there, ".", e);
	free(name);
	close(there);
	return status;
}

static int relink(const struct program_edit *p, int from, struct err *e)
{
	struct links l = {0};
	char aside[64], *name;
	int folder = open_folder(p->path, &name, e);
	int status;

	if (folder < 0)
		return -EIO;
	snprintf(aside, sizeof(aside), TEMPORARY "%d", (int)getpid());
	find_links(&l, p);
	if (l.count != p->st->st_nlink)
		status =
		    err_set(e, -ETXTBSY,
			    "it is running, and of its %lu hard links only %zu are known: name "
			    "all of them, or try again when it does not run",
			    (unsigned long)p->st->st_nlink, l.count);
	else
		status = write_aside(p, from, folder, aside, e);
	if (status == 0) {
		for (size_t i = 0; i < l.count && status == 0; i++)
			status = replace_link(folder, aside, l.paths[i], e);
		unlinkat(folder, aside, 0);
		file_sync_folder(folder, ".", NULL);
	}
	for (size_t i = 0; i < l.count; i++)
		free(l.paths[i]);
	free(l.paths);
	free(name);
	close(folder);
	return status;
}

static int edit_in_place(const struct program_edit *p, const struct file_xattrs *x, struct err *e)
{
	int fd = open(p->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	int status;

	if (fd < 0)
		return err_sys(e, "cannot open for writing");
	status = check_unchanged(p, fd, e);
	if (status == 0)
		status = write_in_place(p, x, fd, e);
	close(fd);
	return status;
}

/* A folder that may not be written to, a file that something is mounted on. */
static bool forbids_rename(int status)
{
	return status == -EACCES || status == -EPERM || status == -EBUSY;
}

static int edit_open_file(const struct program_edit *p, int from, enum program_edit_how *how,
			  struct err *e)
{
	struct file_xattrs x;
	int status = file_xattrs_read(&x, from, e);

	if (status == 0)
		status = check_unchanged(p, from, e);
	if (status == 0)
		status = check_sealed(from, &x, e);
	if (status < 0)
		goto out;
	*how = PROGRAM_EDIT_REPLACED;
	if (p->st->st_nlink == 1) {
		status = replace(p, from, e);
		if (!forbids_rename(status))
			goto out;
	}
	*how = PROGRAM_EDIT_IN_PLACE;
	status = edit_in_place(p, &x, e);
	if (status == -ETXTBSY && p->st->st_nlink > 1) {
		*how = PROGRAM_EDIT_RELINKED;
		status = relink(p, from, e);
	}
out:
	file_xattrs_release(&x);
	return status;
}

int program_edit(const struct program_edit *p, enum program_edit_how *how, struct err *e)
{
	/* O_NOATIME is a favour that only owners get; the times are put back anyway. */
	int from = open(p->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int status;

	if (from < 0)
		return err_sys(e, "cannot open");
	/* Who may write but does not own could not put times and mode back. */
	if (geteuid() != 0 && geteuid() != p->st->st_uid) {
		close(from);
		return err_set(e, -EPERM, "the file is not yours");
	}
	status = edit_open_file(p, from, how, e);
	close(from);
	return status;
}
