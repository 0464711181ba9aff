/* A second file like the first.  System calls on descriptors only. */
#include "matr/file_clone.h"

#include "common/arena.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NAMES_MAX 65536 /* the kernel's own limit of a list */

int file_clone_content(int to, int from, struct err *e)
{
	struct stat st;
	off_t at = 0;
	ssize_t n;

	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	if (fstat(from, &st) < 0)
		return err_sys(e, "fstat");
	while (at < st.st_size) {
		n = sendfile(to, from, &at, (size_t)(st.st_size - at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot copy the content");
		if (n == 0)
			return err_set(e, -EIO, "the file became shorter while it was copied");
	}
	return 0;
}

static int read_one(struct file_xattrs *x, int fd, const char *name, struct err *e)
{
	struct file_xattr *one;
	ssize_t bytes = fgetxattr(fd, name, NULL, 0);
	void *value;

	if (bytes < 0)
		return errno == ENODATA ? 0 : err_sys(e, "cannot read the attribute '%s'", name);
	value = xmalloc((size_t)bytes);
	bytes = fgetxattr(fd, name, value, (size_t)bytes);
	if (bytes < 0) {
		free(value);
		return err_sys(e, "cannot read the attribute '%s'", name);
	}
	x->all = xrealloc(x->all, (x->count + 1) * sizeof(*x->all));
	one = &x->all[x->count++];
	*one = (struct file_xattr){.name = xstrdup(name), .value = value, .bytes = (size_t)bytes};
	return 0;
}

int file_xattrs_read(struct file_xattrs *x, int fd, struct err *e)
{
	char *names = xmalloc(NAMES_MAX);
	ssize_t bytes = flistxattr(fd, names, NAMES_MAX);
	int status = 0;

	memset(x, 0, sizeof(*x));
	if (bytes < 0 && errno != ENOTSUP)
		status = err_sys(e, "cannot list the extended attributes");
	for (char *n = names; status == 0 && bytes > 0 && n < names + bytes; n += strlen(n) + 1)
		status = read_one(x, fd, n, e);
	free(names);
	if (status < 0)
		file_xattrs_release(x);
	return status;
}

/* True where the file has exactly this already: labels often come by themselves. */
static bool has_already(int fd, const struct file_xattr *one)
{
	char now[4096];
	ssize_t n = one->bytes <= sizeof(now) ? fgetxattr(fd, one->name, now, sizeof(now)) : -1;

	return n >= 0 && (size_t)n == one->bytes && memcmp(now, one->value, one->bytes) == 0;
}

int file_xattrs_write(const struct file_xattrs *x, int fd, bool exact, struct err *e)
{
	for (size_t i = 0; i < x->count; i++) {
		const struct file_xattr *one = &x->all[i];

		if (has_already(fd, one) ||
		    fsetxattr(fd, one->name, one->value, one->bytes, 0) == 0)
			continue;
		if (exact)
			return err_sys(e, "cannot keep the attribute '%s'", one->name);
	}
	return 0;
}

bool file_xattrs_have(const struct file_xattrs *x, const char *name)
{
	for (size_t i = 0; i < x->count; i++)
		if (strcmp(x->all[i].name, name) == 0)
			return true;
	return false;
}

void file_xattrs_release(struct file_xattrs *x)
{
	for (size_t i = 0; i < x->count; i++) {
		free(x->all[i].name);
		free(x->all[i].value);
	}
	free(x->all);
	memset(x, 0, sizeof(*x));
}

int file_clone_attributes(int to, int from, const struct stat *st, bool exact, struct err *e)
{
	const struct timespec times[2] = {st->st_atim, st->st_mtim};
	struct file_xattrs x;
	struct stat now;
	int status;

	if (fstat(to, &now) < 0)
		return err_sys(e, "fstat");
	if ((now.st_uid != st->st_uid || now.st_gid != st->st_gid) &&
	    fchown(to, st->st_uid, st->st_gid) < 0 && exact)
		return err_sys(e, "cannot keep the owner");
	if (fchmod(to, st->st_mode & 07777) < 0 && exact)
		return err_sys(e, "cannot keep the mode");
	status = file_xattrs_read(&x, from, exact ? e : NULL);
	if (status == 0) {
		status = file_xattrs_write(&x, to, exact, e);
		file_xattrs_release(&x);
	}
	if (status < 0 && exact)
		return status;
	if (futimens(to, times) < 0 && exact)
		return err_sys(e, "cannot keep the times");
	return 0;
}
