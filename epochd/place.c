#include "epochd/place.h"

#include "common/arena.h"
#include "common/file.h"
#include "epochd/control.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE PLACE_STATUS ".tmp"

mode_t place_file_mode(const struct place *p)
{
	return p->shared ? 0644 : 0600;
}

static int check_folder(struct place *p, struct err *e)
{
	struct stat st;

	if (fstat(p->fd, &st) < 0)
		return err_sys(e, "cannot look at '%s'", p->dir);
	p->shared = (st.st_mode & 05) == 05;
	p->owner = st.st_uid;
	if (st.st_uid != geteuid())
		return err_set(e, -EPERM, "'%s' belongs to another user (uid %u)", p->dir,
			       (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return err_set(e, -EPERM, "others may write to '%s' (chmod go-w it)", p->dir);
	return 0;
}

static int take_lock(struct place *p, struct err *e)
{
	char pid[24] = "";
	int n;

	/* Not for others to read: who can open it could lock it. */
	p->lock_fd = openat(p->fd, PLACE_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (p->lock_fd < 0)
		return err_sys(e, "cannot open '%s/" PLACE_LOCK "'", p->dir);
	if (flock(p->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		if (pread(p->lock_fd, pid, sizeof(pid) - 1, 0) < 0)
			pid[0] = '\0';
		pid[strcspn(pid, "\n")] = '\0';
		return err_set(e, -EBUSY, "process %s is the epochd of '%s' already",
			       *pid ? pid : "(unknown)", p->dir);
	}
	n = sprintf(pid, "%d\n", (int)getpid());
	/* For the sentence above only; a full disk is no reason to fail here. */
	if (ftruncate(p->lock_fd, 0) == 0 && pwrite(p->lock_fd, pid, (size_t)n, 0) < 0)
		errno = 0;
	return 0;
}

int place_open(struct place *p, const char *dir, struct err *e)
{
	int ret;

	*p = (struct place){.fd = -1, .lock_fd = -1};
	ret = file_mkdirs(dir, geteuid() == 0 ? 0755 : 0700, e);
	if (ret < 0)
		return ret;
	p->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->dir = realpath(dir, NULL);
	if (p->fd < 0 || !p->dir)
		ret = err_sys(e, "cannot open the store '%s'", dir);
	if (ret == 0)
		ret = check_folder(p, e);
	if (ret == 0)
		ret = take_lock(p, e);
	if (ret < 0)
		place_close(p);
	return ret;
}

void place_close(struct place *p)
{
	if (p->lock_fd >= 0)
		close(p->lock_fd);
	if (p->fd >= 0)
		close(p->fd);
	free(p->dir);
	*p = (struct place){.fd = -1, .lock_fd = -1};
}

bool place_is_there(const struct place *p)
{
	struct stat here, there;

	return fstat(p->fd, &here) == 0 && stat(p->dir, &there) == 0 &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino &&
	       faccessat(p->fd, CONTROL_SOCKET, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

uint64_t place_current(const struct place *p)
{
	char target[64];
	ssize_t n = readlinkat(p->fd, "current", target, sizeof(target) - 1);

	if (n <= 0)
		return 0;
	target[n] = '\0';
	return strncmp(target, "epochs/", 7) ? 0 : strtoull(target + 7, NULL, 10);
}

int place_withdraw(const struct place *p, struct err *e)
{
	if (unlinkat(p->fd, "current", 0) < 0 && errno != ENOENT)
		return err_sys(e, "cannot remove '%s/current'", p->dir);
	return 0;
}

static int write_aside(const struct place *p, const struct buf *text)
{
	int fd = openat(p->fd, ASIDE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = file_write_all(fd, text->data, text->used);
	if (ret == 0 && fchmod(fd, place_file_mode(p)) < 0)
		ret = -errno;
	close(fd);
	if (ret == 0 && renameat(p->fd, ASIDE, p->fd, PLACE_STATUS) < 0)
		ret = -errno;
	return ret;
}

int place_write_status(const struct place *p, const struct buf *text, struct err *e)
{
	int ret = write_aside(p, text);

	if (ret == 0)
		return 0;
	unlinkat(p->fd, ASIDE, 0);
	unlinkat(p->fd, PLACE_STATUS, 0);
	return err_set(e, ret, "cannot write '%s/" PLACE_STATUS "': %s", p->dir, strerror(-ret));
}
