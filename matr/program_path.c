/* PATH and #!, as execvp and the kernel read them. */
#include "matr/program_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 256 /* what the kernel reads of a script */
#define SCRIPTS_MAX 5
#define DEFAULT_PATH "/bin:/usr/bin" /* execvp's, where PATH is unset */

static bool executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return false;
	}
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

int program_find(const char **out, const char *name, struct arena *a, struct err *e)
{
	const char *path = getenv("PATH"), *end;
	int code = ENOENT;

	if (!*name)
		return err_set(e, -ENOENT, "'': %s", strerror(ENOENT));
	if (strchr(name, '/')) {
		*out = name;
		return executable(name) ? 0 : err_sys(e, "'%s'", name);
	}
	for (path = path ? path : DEFAULT_PATH; path; path = *end ? end + 1 : NULL) {
		const char *whole;

		end = strchrnul(path, ':');
		/* An empty component is the working directory. */
		whole = arena_printf(a, "%.*s%s%s", (int)(end - path), path,
				     end > path ? "/" : "./", name);
		if (executable(whole)) {
			*out = whole;
			return 0;
		}
		if (errno == EACCES)
			code = EACCES;
	}
	return err_set(e, -code, "'%s': %s", name,
		       code == EACCES ? strerror(code) : "not found along PATH");
}

/* The interpreter named in a #! line, or NULL where the file has none. */
static const char *script_interpreter(const char *path, struct arena *a)
{
	char line[LINE_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, line, LINE_BYTES);
	char *name;
	size_t length;

	if (fd >= 0)
		close(fd);
	if (n < 3 || line[0] != '#' || line[1] != '!')
		return NULL;
	line[n] = '\0';
	name = line + 2 + strspn(line + 2, " \t");
	length = strcspn(name, " \t\n");
	if (!length)
		return NULL;
	name[length] = '\0';
	return arena_strdup(a, name);
}

int program_behind(const char **out, const char *path, struct arena *a, struct err *e)
{
	const char *next = path;
	char *whole;

	for (int depth = 0; depth <= SCRIPTS_MAX; depth++) {
		path = next;
		next = script_interpreter(path, a);
		if (next)
			continue;
		whole = realpath(path, NULL);
		if (!whole)
			return err_sys(e, "'%s'", path);
		*out = arena_strdup(a, whole);
		free(whole);
		return 0;
	}
	return err_set(e, -ELOOP, "'%s': too many scripts that are run by scripts", path);
}
