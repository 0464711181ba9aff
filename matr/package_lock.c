/* The locks that packages.def lists. */
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

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

const char *package_lock_held(void)
{
	return locked("/var/lib/dpkg/lock") ? "dpkg" : NULL;
}

const char *package_run_held(void)
{
#define LOCKED(name, folder, file) if (locked(folder "/" file)) return name;
#define EXISTS(name, folder, file) if (exists(folder "/" file)) return name;
#define WRITTEN(name, folder, file)
#include "epochd/packages.def"
#undef LOCKED
#undef EXISTS
#undef WRITTEN
	return NULL;
}
