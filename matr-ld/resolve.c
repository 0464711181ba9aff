#include "matr-ld/resolve.h"

#include "common/buf.h"
#include "common/file.h"
#include "matr-ld/internal.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define CACHE_FILE "/etc/ld.so.cache"
#define PRELOAD_FILE "/etc/ld.so.preload"
#define SETTINGS_BYTES_MAX ((size_t)256 << 20)

bool resolve_stops_start(unsigned reason)
{
	switch (reason) {
	case REASON_LIBRARY_MISSING:
	case REASON_LIBRARY_BAD:
	case REASON_VERSION_MISSING:
	case REASON_SYMBOL_MISSING:
	case REASON_VERSION_FILE:
	case REASON_RELR_MARKER:
		return true;
	}
	return false;
}

void job_refuse(struct job *j, unsigned reason, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (j->out->reason &&
	    (resolve_stops_start(j->out->reason) || !resolve_stops_start(reason)))
		return;
	/* What is not found elsewhere may lie in the working directory. */
	if (j->out->reason == REASON_RELATIVE_PATH)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	j->out->reason = reason;
	j->out->detail = arena_strdup(j->arena, text);
}

/* A file of /etc: true with content and identity, false where there is none. */
static bool read_setting(const struct resolver *r, const char *name, struct buf *b,
			 struct identity *id)
{
	char path[PATH_MAX], full[2 * PATH_MAX];
	struct stat st;

	if (root_canonical(r->root, name, path, NULL) < 0)
		return false;
	snprintf(full, sizeof(full), "%s%s", r->root, path);
	if (stat(full, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	identity_from_stat(id, &st);
	return file_read(AT_FDCWD, full, SETTINGS_BYTES_MAX, b, NULL) == 0;
}

static void read_cache(struct resolver *r)
{
	struct buf b = BUF_INIT;

	r->system.has_cache = read_setting(r, CACHE_FILE, &b, &r->system.cache);
	if (r->system.has_cache)
		r->system.cache_digest = XXH3_64bits(b.data, b.used) | 1;
	if (r->system.has_cache && b.data)
		ldcache_parse(&r->cache, (uint8_t *)b.data, b.used);
	else
		buf_release(&b);
}

/* Names between blanks and colons; a # hides the rest of its line. */
static void parse_preload(struct resolver *r, char *text)
{
	char *save = NULL, *p = text;

	while ((p = strchr(p, '#')))
		while (*p && *p != '\n')
			*p++ = ' ';
	for (p = strtok_r(text, " \t\n:", &save); p; p = strtok_r(NULL, " \t\n:", &save))
		if (r->preload_count < REQUESTS_PRELOAD_MAX)
			r->preload[r->preload_count++] = arena_strdup(&r->memory, p);
}

static void read_preload(struct resolver *r)
{
	struct buf b = BUF_INIT;

	r->system.has_preload = read_setting(r, PRELOAD_FILE, &b, &r->system.preload);
	if (r->system.has_preload && b.data)
		parse_preload(r, b.data);
	buf_release(&b);
}

static int set_root(struct resolver *r, const char *root, struct err *e)
{
	char path[PATH_MAX] = "";

	if (root && root[0]) {
		if (!realpath(root, path))
			return err_sys(e, "cannot use '%s' as root", root);
		if (strcmp(path, "/") == 0)
			path[0] = '\0';
	}
	r->root = arena_strdup(&r->memory, path);
	r->system.root = r->root;
	return 0;
}

static int open_loader(struct resolver *r, unsigned cpu_level, struct err *e)
{
	const struct object_entry *entry;
	int rc = loader_open(&r->loader, r->root, cpu_level, &r->memory, e);

	if (rc < 0)
		return rc;
	entry = objects_get(&r->objects, r->loader.path);
	if (!entry || !entry->object)
		return err_set(e, entry ? entry->code : -ENOENT,
			       "cannot use the system's loader: %s",
			       entry ? entry->sentence : r->loader.path);
	r->loader_object = entry->object;
	r->system.loader_name = r->loader.name;
	r->system.loader_path = r->loader.path;
	r->system.loader = entry->object->identity;
	r->system.release = r->loader.release;
	r->system.cpu_level = r->loader.filter.cpu_level;
	return 0;
}

int resolver_open(struct resolver **out, const struct resolver_options *options, struct err *e)
{
	struct resolver *r = xcalloc(1, sizeof(*r));
	int rc;

	r->require_world_readable = options->require_world_readable;
	r->require_build_ids = options->require_build_ids;
	pthread_mutex_init(&r->folder_lock, NULL);
	rc = set_root(r, options->root, e);
	objects_init(&r->objects, r->root);
	if (rc == 0)
		rc = open_loader(r, options->cpu_level, e);
	if (rc < 0) {
		resolver_close(r);
		return rc;
	}
	read_cache(r);
	read_preload(r);
	*out = r;
	return 0;
}

void resolver_close(struct resolver *r)
{
	if (!r)
		return;
	objects_release(&r->objects);
	ldcache_release(&r->cache);
	pthread_mutex_destroy(&r->folder_lock);
	arena_release(&r->memory);
	free(r);
}

const struct resolver_system *resolver_system(const struct resolver *r) { return &r->system; }

/* The file itself: its canonical path and its parsed form. */
static int open_program(struct job *j, const char *path, const struct object **program,
			struct err *e)
{
	const struct object_entry *entry;
	char canonical[PATH_MAX];
	int rc;

	j->out->path = arena_strdup(j->arena, path);
	rc = root_canonical(j->r->root, path, canonical, e);
	if (rc < 0) {
		job_refuse(j, REASON_UNREADABLE_FILE, "%s", strerror(-rc));
		return rc;
	}
	j->out->path = arena_strdup(j->arena, canonical);
	entry = objects_get(&j->r->objects, j->out->path);
	if (!entry)
		return err_set(e, -ENOENT, "'%s' has vanished", path);
	*program = entry->object;
	if (entry->object)
		return 0;
	job_refuse(j, entry->reason, "%s", entry->sentence);
	return err_set(e, entry->code, "%s", entry->sentence);
}

int resolve_program(struct resolver *r, const char *path, unsigned flags, struct arena *a,
		    struct mapping *out, struct err *e)
{
	struct job j = {.r = r, .arena = a, .out = out, .flags = flags, .loader = PROVIDER_NONE};
	const struct object *program;
	int rc;

	*out = (struct mapping){0};
	rc = open_program(&j, path, &program, e);
	if (rc < 0)
		return rc;
	eligible_program(&j, program);
	switch (out->reason) {
	case REASON_NOT_PROGRAM:
	case REASON_STATIC:
	case REASON_OTHER_INTERPRETER:
	case REASON_NO_CLOSURE:
		return 0;
	}
	closure_make(&j, program);
	eligible_closure(&j);
	if (!j.complete || flags & RESOLVE_CLOSURE_ONLY)
		return 0;
	checks_versions(&j);
	order_prepare(&j);
	bind_all(&j);
	return 0;
}

static uint32_t find_loader(const struct mapping *m)
{
	for (uint32_t i = 0; i < m->member_count; i++)
		if (m->members[i].is_loader)
			return i;
	return PROVIDER_NONE;
}

unsigned resolver_confirm(struct resolver *r, const struct mapping *m, struct arena *a)
{
	struct mapping again = *m;
	/* Folders are not looked at again: who may search them gives nobody power over the answer. */
	struct job j = {.r = r, .arena = a, .out = &again, .flags = RESOLVE_ANY_PERMISSION,
			.complete = true, .loader = find_loader(m)};

	again.reason = REASON_NONE;
	eligible_program(&j, m->members[0].object);
	if (again.reason)
		return again.reason;
	eligible_closure(&j);
	for (size_t i = 0; i < m->member_count; i++)
		if (r->require_world_readable && !(m->members[i].object->mode & S_IROTH))
			return REASON_NOT_READABLE;
	if (m->members[0].object->mode & (S_ISUID | S_ISGID))
		return REASON_SET_ID;
	return m->members[0].object->file_capabilities ? REASON_FILE_CAPABILITIES : again.reason;
}

void resolver_before_fork(struct resolver *r)
{
	pthread_mutex_lock(&r->folder_lock);
	objects_lock(&r->objects);
}

void resolver_after_fork(struct resolver *r)
{
	objects_unlock(&r->objects);
	pthread_mutex_unlock(&r->folder_lock);
}

void resolver_in_child(struct resolver *r, bool below)
{
	pthread_mutex_init(&r->folder_lock, NULL);
	objects_in_child(&r->objects);
	if (below)
		r->objects.root = r->root = arena_strdup(&r->memory, "");
}
