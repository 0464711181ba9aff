/* The lock files of dpkg, apt, rpm and pacman. */
#include "matr/package_lock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

static bool locked(const char *path)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool held;

	if (fd < 0)
		return false;
	held = fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK;
	close(fd);
	return held;
}

const char *package_lock_held(void)
{
	return locked("/var/lib/dpkg/lock") ? "dpkg" : NULL;
}

const char *package_run_held(void)
{
	if (package_lock_held())
		return "dpkg";
	if (locked("/var/lib/dpkg/lock-frontend"))
		return "apt";
	if (locked("/var/lib/rpm/.rpm.lock") || locked("/usr/lib/sysimage/rpm/.rpm.lock"))
		return "rpm";
	return access("/var/lib/pacman/db.lck", F_OK) == 0 ? "pacman" : NULL;
}
