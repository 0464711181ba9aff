/* dpkg's diversions: read from its database, changed by its own tool. */
#include "matr/system_place.h"

#include "common/file.h"
#include "matr-ld/root.h"
#include "matr/system_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOOL "/usr/bin/dpkg-divert"
#define DATABASE "/var/lib/dpkg/diversions"

/* Three lines each: from, to, package. */
static bool is_listed(const char *text, const char *from)
{
	size_t n = strlen(from);

	for (unsigned line = 0; text && *text; line++) {
		const char *end = strchrnul(text, '\n');

		if (line % 3 == 0 && (size_t)(end - text) == n && memcmp(text, from, n) == 0) {
			for (int skip = 0; skip < 2 && *end; skip++)
				text = end + 1, end = strchrnul(text, '\n');
			return (size_t)(end - text) == 4 && memcmp(text, "matr", 4) == 0;
		}
		text = *end ? end + 1 : end;
	}
	return false;
}

void system_look_at_dpkg(const struct system_place *p, struct system_facts *out)
{
	char from[PATH_MAX + sizeof(SYSTEM_LINK_NAME)], path[2 * PATH_MAX];
	struct buf text = BUF_INIT;
	struct stat st;

	out->may_divert = strcmp(p->folder, "/lib64") != 0 && root_stat(p->root, TOOL, &st) == 0 &&
			  root_stat(p->root, DATABASE, &st) == 0;
	snprintf(from, sizeof(from), "%s/" SYSTEM_LINK_NAME, p->folder);
	snprintf(path, sizeof(path), "%s" DATABASE, p->root);
	if (file_read(AT_FDCWD, path, 0, &text, NULL) == 0)
		out->diverted = is_listed(text.data, from);
	buf_release(&text);
}

static int run_tool(const struct system_place *p, const char *action, struct err *e)
{
	char from[PATH_MAX + sizeof(SYSTEM_LINK_NAME)], to[PATH_MAX + sizeof(SYSTEM_KEPT_NAME)];
	char *argv[] = {TOOL,	 "--quiet", "--package", "matr", "--no-rename", "--divert",
			to, (char *)action, from,	 NULL};
	struct system_run r = {.root = p->root, .argv = argv};
	int status;

	snprintf(from, sizeof(from), "%s/" SYSTEM_LINK_NAME, p->folder);
	snprintf(to, sizeof(to), "%s/" SYSTEM_KEPT_NAME, p->folder);
	status = system_run(&r, e);
	if (status == 0 && r.status)
		status = err_set(e, -EPERM, "dpkg-divert: %.*s",
				 (int)(r.output.used ? strcspn(r.output.data, "\n") : 0),
				 r.output.used ? r.output.data : "");
	buf_release(&r.output);
	return status;
}

int system_divert(const struct system_place *p, bool on, struct err *e)
{
	struct system_facts f = {0};

	system_look_at_dpkg(p, &f);
	if (f.diverted == on || (on && !f.may_divert))
		return 0;
	return run_tool(p, on ? "--add" : "--remove", e);
}
