/* Namespaces and mounts for an enabled copy that only this process sees. */
#include "matr/private_view.h"

#include "matr/file_clone.h"
#include "matr/interp_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_NAME "program"

static int write_proc(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* The same user and group inside as outside, and no one else. */
static int map_ids(uid_t uid, gid_t gid, struct err *e)
{
	char text[64];

	/* Kernels before 3.19 know no such file, and demand nothing. */
	if (write_proc("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
		return err_sys(e, "cannot write /proc/self/setgroups");
	snprintf(text, sizeof(text), "%u %u 1\n", (unsigned)uid, (unsigned)uid);
	if (write_proc("/proc/self/uid_map", text) < 0)
		return err_sys(e, "cannot write /proc/self/uid_map");
	snprintf(text, sizeof(text), "%u %u 1\n", (unsigned)gid, (unsigned)gid);
	if (write_proc("/proc/self/gid_map", text) < 0)
		return err_sys(e, "cannot write /proc/self/gid_map");
	return 0;
}

static bool switched(const char *path, char value)
{
	char c = '\0';
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &c, 1) != 1)
			c = '\0';
		close(fd);
	}
	return c == value;
}

/* Which of the known locks it was. */
static int explain_forbidden(const char *what, struct err *e)
{
	int code = errno;
	const char *why = "";

	if (switched("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		why = " (sysctl kernel.unprivileged_userns_clone is 0)";
	else if (switched("/proc/sys/user/max_user_namespaces", '0'))
		why = " (sysctl user.max_user_namespaces is 0)";
	else if (switched("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
		why = " (sysctl kernel.apparmor_restrict_unprivileged_userns is 1)";
	return err_set(e, -EPERM,
		       "%s: %s%s; run it as root, or 'matr enable' the file, or link it with "
		       "-Wl,--dynamic-linker=/lib64/ld-matr.so.1",
		       what, strerror(code), why);
}

static int enter_user_namespace(struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int status;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return explain_forbidden("this system allows you no namespaces", e);
	status = map_ids(uid, gid, e);
	if (status == -EPERM || status == -EACCES) {
		errno = -status;
		return explain_forbidden("this system allows you no identity in a user namespace",
					 e);
	}
	return status;
}

static int make_slaves(void) { return mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL); }

/*
 * In a chroot "/" need not be a mount point, and the mount that holds it has no name:
 * joining the namespace that the process is in already leads to its real root for a moment.
 */
static int make_slaves_from_above(void)
{
	int here = open(".", O_PATH | O_CLOEXEC), root = open("/", O_PATH | O_CLOEXEC);
	int namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int status = -1, code;

	if (here >= 0 && root >= 0 && namespace >= 0 && setns(namespace, CLONE_NEWNS) == 0) {
		status = make_slaves();
		code = errno;
		if (fchdir(root) < 0 || chroot(".") < 0 || fchdir(here) < 0)
			status = -1;
		else
			errno = code;
	}
	code = errno;
	close(here);
	close(root);
	close(namespace);
	errno = code;
	return status;
}

int private_view_enter(bool *user_namespace, struct err *e)
{
	int status;

	*user_namespace = false;
	if (unshare(CLONE_NEWNS) < 0) {
		if (errno != EPERM)
			return explain_forbidden("cannot make a mount namespace", e);
		status = enter_user_namespace(e);
		if (status < 0)
			return status;
		*user_namespace = true;
	}
	/* Mounts of the system still come and go here; ours are seen by nobody. */
	if (make_slaves() < 0 && (errno != EINVAL || make_slaves_from_above() < 0))
		return explain_forbidden("cannot make the mounts private", e);
	return 0;
}

/* Fills the new file `name` with an enabled copy of `from`. */
static int write_copy(const char *name, int from, const char *shim, struct err *e)
{
	struct interp interp;
	struct stat st;
	int to, status;

	if (fstat(from, &st) < 0)
		return err_sys(e, "fstat");
	to = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700);
	if (to < 0)
		return err_sys(e, "cannot make the copy");
	status = file_clone_content(to, from, e);
	if (status == 0)
		status = interp_read(&interp, to, e);
	if (status == 0 && !interp.header)
		status = err_set(e, -ENOEXEC, "the program changed meanwhile");
	if (status == 0)
		status = interp_write_any(to, &interp, shim, e);
	if (status == 0)
		status = file_clone_attributes(to, from, &st, false, e);
	/* Open for writing it could not be executed. */
	close(to);
	return status;
}

/* The folder over which the tmpfs is attached for a moment: any but the root. */
static void moment_folder(char out[PATH_MAX], const char *path)
{
	size_t n = (size_t)(strrchr(path, '/') - path);

	snprintf(out, PATH_MAX, "%.*s", (int)n, path);
	if (!n)
		strcpy(out, "/usr");
}

/* With the tmpfs over `folder`: the copy in it, bound over the program. */
static int bind_copy(const char *folder, int program, int from, const char *shim, struct err *e)
{
	char copy[PATH_MAX + sizeof(COPY_NAME)], target[64];
	int status;

	snprintf(copy, sizeof(copy), "%s/" COPY_NAME, folder);
	snprintf(target, sizeof(target), "/proc/self/fd/%d", program);
	status = write_copy(copy, from, shim, e);
	if (status == 0 && mount(copy, target, NULL, MS_BIND, NULL) < 0)
		status = err_sys(e, "cannot show the copy");
	return status;
}

int private_view_show(const char *path, const char *shim, struct err *e)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	/* Opened before the tmpfs hides it, and after the namespace was made. */
	int program = open(path, O_PATH | O_CLOEXEC);
	char folder[PATH_MAX];
	int status = 0;

	moment_folder(folder, path);
	if (from < 0 || program < 0)
		status = err_sys(e, "cannot read");
	else if (mount("matr", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		status = err_sys(e, "cannot mount a tmpfs");
	else {
		status = bind_copy(folder, program, from, shim, e);
		/* The bind mount keeps the copy alive. */
		if (umount2(folder, MNT_DETACH) < 0 && status == 0)
			status = err_sys(e, "cannot detach the tmpfs");
	}
	if (from >= 0)
		close(from);
	if (program >= 0)
		close(program);
	return status < 0 ? err_wrap(e, "'%s': ", path) : 0;
}
