/* Finding the shim and trying it. */
#include "matr/shim_path.h"

#include "matr/matr.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

int self_path(const char **out, struct arena *a, struct err *e)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return err_sys(e, "cannot read /proc/self/exe");
	path[n] = '\0';
	*out = arena_strdup(a, path);
	return 0;
}

int shim_find(const char **out, struct arena *a, struct err *e)
{
	const char *self;
	char *beside;

	if (self_path(&self, a, NULL) == 0) {
		beside =
		    arena_printf(a, "%.*s/" MATR_SHIM_NAME, (int)(strrchr(self, '/') - self), self);
		if (access(beside, F_OK) == 0) {
			*out = beside;
			return 0;
		}
	}
	if (access(MATR_INSTALLED_SHIM, F_OK) < 0)
		return err_sys(e, "no " MATR_SHIM_NAME " beside this program, and none at '%s'",
			       MATR_INSTALLED_SHIM);
	*out = MATR_INSTALLED_SHIM;
	return 0;
}

/* Root enables for everyone; anyone else for himself. */
static bool permits(const char *path, const struct stat *st, mode_t everyone, int myself)
{
	if (geteuid() == 0)
		return (st->st_mode & everyone) == everyone;
	return access(path, myself) == 0;
}

/* Every prefix of the path that ends before a slash must be searchable. */
static int check_folders(const char *path, struct err *e)
{
	char folder[PATH_MAX];
	struct stat st;

	for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
		size_t n = slash == path ? 1 : (size_t)(slash - path);

		memcpy(folder, path, n);
		folder[n] = '\0';
		if (stat(folder, &st) < 0)
			return err_sys(e, "the folder '%s'", folder);
		if (!permits(folder, &st, S_IXOTH, X_OK))
			return err_set(e, -EACCES,
				       "the shim would not be found: not everyone may search '%s'",
				       folder);
	}
	return 0;
}

static int check_file(const char *path, struct err *e)
{
	Elf64_Ehdr eh = {0};
	struct statvfs fs;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return err_sys(e, "cannot open the shim '%s'", path);
	n = read(fd, &eh, sizeof(eh));
	if (fstat(fd, &st) < 0 || fstatvfs(fd, &fs) < 0) {
		err_sys(e, "the shim '%s'", path);
		close(fd);
		return -EIO;
	}
	close(fd);
	if (n != sizeof(eh) || !S_ISREG(st.st_mode) || memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_machine != EM_X86_64)
		return err_set(e, -ENOEXEC, "'%s' is not an x86-64 ELF object", path);
	if (!permits(path, &st, 0555, R_OK | X_OK))
		return err_set(e, -EACCES, "not everyone may read and execute the shim '%s'", path);
	if (fs.f_flag & ST_NOEXEC)
		return err_set(e, -EACCES, "the file system of the shim '%s' is mounted noexec",
			       path);
	return 0;
}

/* `SHIM --verify FILE`: the system's loader, started by the shim, looks at FILE and exits. */
static int check_runs(const char *path, struct err *e)
{
	struct arena a = ARENA_INIT;
	const char *self = NULL;
	char *argv[] = {(char *)path, (char *)"--verify", NULL, NULL};
	char *envp[] = {NULL};
	posix_spawn_file_actions_t quiet;
	int status = 0, code;
	pid_t pid;

	code = self_path(&self, &a, e);
	if (code < 0)
		return code;
	argv[2] = (char *)self;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	code = posix_spawn(&pid, path, &quiet, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&quiet);
	arena_release(&a);
	if (code)
		return err_set(e, -code, "cannot start the shim '%s': %s", path, strerror(code));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(e, -ENOEXEC, "the shim '%s' does not work here (%s %d)", path,
		       WIFEXITED(status) ? "exit status" : "signal",
		       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

int shim_check(const char *path, struct err *e)
{
	int status;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return err_set(e, -EINVAL, "the shim's path '%s' is not absolute", path);
	status = check_file(path, e);
	if (status == 0)
		status = check_folders(path, e);
	if (status == 0)
		status = check_runs(path, e);
	return status;
}
