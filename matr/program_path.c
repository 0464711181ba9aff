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

int program_operand(const char **out, const char *name, struct arena *a, struct err *e)
{
	char *whole = realpath(name, NULL);
	const char *found = name;

	if (!whole && (errno != ENOENT || strchr(name, '/')))
		return err_sys(e, "cannot find '%s'", name);
	if (!whole) {
		int status = program_find(&found, name, a, e);

		if (status < 0)
			return status;
		whole = realpath(found, NULL);
	}
	if (!whole)
		return err_sys(e, "cannot find '%s'", found);
	*out = arena_strdup(a, whole);
	free(whole);
	return 0;
}

/* A script's first line. */
struct script {
	const char *interpreter; /* NULL: no script */
	const char *argument;	 /* the rest of the line; "": none */
};

static void read_script(struct script *s, const char *path, struct arena *a)
{
	char line[LINE_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, line, LINE_BYTES);
	char *name, *argument;
	size_t length;

	*s = (struct script){.argument = ""};
	if (fd >= 0)
		close(fd);
	if (n < 3 || line[0] != '#' || line[1] != '!')
		return;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	name = line + 2 + strspn(line + 2, " \t");
	length = strcspn(name, " \t");
	if (!length)
		return;
	argument = name + length + strspn(name + length, " \t");
	s->argument = arena_strdup(a, argument);
	s->interpreter = arena_printf(a, "%.*s", (int)length, name);
}

/* Follows scripts to a program; *last is the line of the last script on the way. */
static int follow(const char **out, const char *path, struct script *last, struct arena *a,
		  struct err *e)
{
	struct script s;
	char *whole;

	for (int depth = 0; depth <= SCRIPTS_MAX; depth++) {
		read_script(&s, path, a);
		if (s.interpreter) {
			*last = s;
			path = s.interpreter;
			continue;
		}
		whole = realpath(path, NULL);
		if (!whole)
			return err_sys(e, "'%s'", path);
		*out = arena_strdup(a, whole);
		free(whole);
		return 0;
	}
	return err_set(e, -ELOOP, "'%s': too many scripts that are run by scripts", path);
}

/* The name that `env ARGUMENT` executes: behind -S, options and assignments. */
static const char *name_behind_env(const char *argument, struct arena *a)
{
	while (*argument) {
		size_t length = strcspn(argument, " \t");

		/* "-S" only asks for what is done here: cutting the line at blanks. */
		if (strncmp(argument, "-S", 2) == 0 && length > 2) {
			argument += 2;
			continue;
		}
		if (*argument != '-' && !memchr(argument, '=', length))
			return arena_printf(a, "%.*s", (int)length, argument);
		argument += length;
		argument += strspn(argument, " \t");
	}
	return NULL;
}

int program_behind(struct program_behind *out, const char *path, struct arena *a, struct err *e)
{
	struct script last = {.argument = ""};
	const char *program, *name, *next;
	int status;

	*out = (struct program_behind){0};
	status = follow(&out->program, path, &last, a, e);
	if (status < 0)
		return status;
	/* What env executes may be a script that is run by env. */
	program = out->program;
	for (int depth = 0; depth < SCRIPTS_MAX; depth++) {
		if (!last.interpreter || strcmp(strrchr(program, '/'), "/env") != 0)
			break;
		name = name_behind_env(last.argument, a);
		last.interpreter = NULL;
		if (!name || program_find(&next, name, a, NULL) < 0 ||
		    follow(&program, next, &last, a, NULL) < 0)
			break;
		out->through_env = program;
	}
	return 0;
}
