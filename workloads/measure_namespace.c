/*
 * measure_namespace.c - the mount namespace in which programs are enabled
 */
#include "workloads/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die("%s", path);
	close(fd);
}

static int make_private(void) { return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL); }

/* In a chroot "/" may be no mount point: setns leads out to the one above, for a moment. */
static int make_private_outside(void)
{
	int folder = open(".", O_PATH | O_CLOEXEC), root = open("/", O_PATH | O_CLOEXEC);
	int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), status;

	if (folder < 0 || root < 0 || mounts < 0 || setns(mounts, CLONE_NEWNS) < 0)
		return -1;
	status = make_private();
	if (fchdir(root) < 0 || chroot(".") < 0 || fchdir(folder) < 0)
		die("cannot come back from the root above");
	close(folder);
	close(root);
	close(mounts);
	return status;
}

/* Who may not mount gets a user namespace in which he is himself. */
static void enter_namespace(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (unshare(CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			die("cannot make a private mount namespace");
		write_text("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "%u %u 1", uid, uid);
		write_text("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "%u %u 1", gid, gid);
		write_text("/proc/self/gid_map", map);
	}
	if (make_private() < 0 && (errno != EINVAL || make_private_outside() < 0))
		die("cannot make the mounts private");
}

void show_copies(const struct options *o)
{
	size_t i;

	enter_namespace();
	for (i = 0; i < o->bind_count; i++) {
		char *copy = strdup(o->binds[i]);
		char *path = copy ? strchr(copy, '=') : NULL;

		if (!path)
			die("-b %s: COPY=PATH is wanted", o->binds[i]);
		*path++ = 0;
		if (mount(copy, path, NULL, MS_BIND, NULL) < 0)
			die("cannot show '%s' at '%s'", copy, path);
		free(copy);
	}
}
