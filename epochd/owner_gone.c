/* owner_gone.c - the package of a library that went away with it (dpkg) */
#include "epochd/owner.h"

#include "common/file.h"
#include "common/names.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_MAX ((size_t)256 << 20)

/* libfoo.so.1: libfoo1; libfoo2.so.1: libfoo2-1; libFoo_x-1.2.so.0: libfoo-x-1.2-0. */
static void debian_name(const char *library, char *out, size_t bytes)
{
	const char *so = strstr(library, ".so");
	size_t stem = so ? (size_t)(so - library) : strlen(library);
	const char *version = so && !strncmp(so, ".so.", 4) ? so + 4 : "";
	const char *dash = *version && stem && isdigit((unsigned char)library[stem - 1]) ? "-" : "";

	snprintf(out, bytes, "%.*s%s%s", (int)stem, library, dash, version);
	for (char *p = out; *p; p++)
		*p = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
}

/* The name itself, or with a mark of one of Debian's transitions behind it. */
static bool named_so(const char *package, size_t bytes, const char *name)
{
	static const char *const marks[] = {"", "t64", "v5", "a", "c2", "c2a", "g"};
	size_t n = strlen(name);

	if (bytes < n || memcmp(package, name, n))
		return false;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (bytes - n == strlen(marks[i]) && !memcmp(package + n, marks[i], bytes - n))
			return true;
	return false;
}

/* One paragraph of dpkg's status file; the values end at the line's end. */
struct paragraph {
	const char *package, *status, *depends;
};

static bool field(const char *line, const char *name, const char **out)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) || line[n] != ':')
		return false;
	*out = line + n + 1 + strspn(line + n + 1, " ");
	return true;
}

/* The next paragraph; its end, or NULL. */
static const char *next_paragraph(const char *text, struct paragraph *p)
{
	*p = (struct paragraph){0};
	while (*text == '\n')
		text++;
	if (!*text)
		return NULL;
	while (*text && *text != '\n') {
		if (!field(text, "Package", &p->package) && !field(text, "Status", &p->status))
			field(text, "Depends", &p->depends);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

static bool is_installed(const struct paragraph *p)
{
	const char *line = p->status;
	size_t n = line ? strcspn(line, "\n") : 0;

	return n >= 10 && !memcmp(line + n - 10, " installed", 10);
}

static bool concerns(const char *package, const struct owner_query *dependents, size_t count)
{
	size_t n = strcspn(package, "\n");

	for (size_t i = 0; i < count; i++)
		if (dependents[i].package && strcspn(dependents[i].package, ":") == n &&
		    !memcmp(dependents[i].package, package, n))
			return true;
	return false;
}

/* A name in "a (>= 1), b | c:any, ..." that is named so. */
static const char *in_depends(const char *line, const char *name, struct arena *a)
{
	size_t n, end = strcspn(line, "\n");

	for (size_t at = 0; at < end; at += n) {
		n = strcspn(line + at, " ,|(:\n");
		if (n && named_so(line + at, n, name))
			return arena_printf(a, "%.*s", (int)n, line + at);
		n += n == 0;
	}
	return NULL;
}

static const char *search(const char *status, const char *name,
			  const struct owner_query *dependents, size_t count, struct arena *a)
{
	const char *answer = NULL;
	struct paragraph p;

	for (const char *at = status; (at = next_paragraph(at, &p));) {
		if (!p.package)
			continue;
		if (named_so(p.package, strcspn(p.package, "\n"), name)) {
			if (is_installed(&p))
				return NULL; /* it is there, and does not have the file */
			answer = arena_printf(a, "%.*s", (int)strcspn(p.package, "\n"), p.package);
		} else if (!answer && p.depends && concerns(p.package, dependents, count)) {
			answer = in_depends(p.depends, name, a);
		}
	}
	return answer;
}

const char *owner_gone(const char *root, const char *library, const struct owner_query *dependents,
		       size_t count, struct arena *a)
{
	char path[PATH_MAX], name[NAME_MAX + 2];
	const char *answer = NULL;
	struct buf b = BUF_INIT;

	debian_name(base_name(library), name, sizeof(name));
	snprintf(path, sizeof(path), "%s/var/lib/dpkg/status", root);
	if (file_read(AT_FDCWD, path, STATUS_MAX, &b, NULL) == 0 && b.data)
		answer = search(b.data, name, dependents, count, a);
	buf_release(&b);
	return answer;
}
