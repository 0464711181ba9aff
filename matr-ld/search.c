/* Where ld.so looks for a library, in its order; the steps are named as in ld.so(8). */
#include "matr-ld/internal.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Which of the loader's subfolders a folder has: bit i for subfolders[i]. */
struct folder_known {
	struct folder_known *next;
	uint32_t present;
	char path[];
};

/* What may not be looked at may be there: then each file says so itself. */
static bool may_be_folder(const struct resolver *r, const char *path)
{
	struct stat st;
	int rc = root_stat(r->root, path, &st);

	return rc == -EACCES || (rc == 0 && S_ISDIR(st.st_mode));
}

static uint32_t look_at_folder(const struct resolver *r, const char *folder, struct arena *a)
{
	uint32_t present = 0;

	if (!may_be_folder(r, folder))
		return 0;
	for (size_t i = 0; i < r->loader.subfolder_count; i++)
		if (may_be_folder(r, arena_printf(a, "%s%s", folder, r->loader.subfolders[i])))
			present |= 1u << i;
	return present;
}

static uint32_t folder_subfolders(struct job *j, const char *folder)
{
	struct resolver *r = j->r;
	struct folder_known *f;
	uint32_t present;

	pthread_mutex_lock(&r->folder_lock);
	for (f = r->folders; f && strcmp(f->path, folder) != 0; f = f->next)
		;
	present = f ? f->present : 0;
	pthread_mutex_unlock(&r->folder_lock);
	if (f)
		return present;
	present = look_at_folder(r, folder, j->arena);
	pthread_mutex_lock(&r->folder_lock);
	f = arena_alloc(&r->memory, sizeof(*f) + strlen(folder) + 1);
	strcpy(f->path, folder);
	f->present = present;
	f->next = r->folders;
	r->folders = f;
	pthread_mutex_unlock(&r->folder_lock);
	return present;
}

/* One file: 1 taken, 0 the search goes on, -1 this list of folders ends, or all of it (failure). */
static int try_file(struct request *q, const char *path)
{
	const struct object_entry *e = objects_get(&q->job->r->objects, path);

	if (!e)
		return 0;
	if (e->object) {
		q->entry = e;
		q->path = path;
		return 1;
	}
	if (e->code == -ENOEXEC && e->reason == REASON_OTHER_MACHINE)
		return 0;
	if (e->reason == REASON_UNREADABLE_FILE)
		return e->code == -EACCES ? 0 : -1;
	q->failure = REASON_LIBRARY_BAD;
	q->failure_detail = e->sentence;
	return -1;
}

/* A folder, with a final slash, and its subfolders for better processors. */
static int try_folder(struct request *q, const char *folder)
{
	const struct loader *l = &q->job->r->loader;
	uint32_t present = folder_subfolders(q->job, folder);
	int rc;

	for (size_t i = 0; i < l->subfolder_count; i++) {
		if (!(present & 1u << i))
			continue;
		rc = try_file(
		    q, arena_printf(q->job->arena, "%s%s%s", folder, l->subfolders[i], q->name));
		if (rc > 0)
			q->found_in = arena_printf(q->job->arena, "%s%s", folder, l->subfolders[i]);
		if (rc)
			return rc;
	}
	return 0;
}

/* The length of a token at s ("$ORIGIN", "${ORIGIN}"), or 0. */
static size_t token(const char *s, const char *name)
{
	size_t n = strlen(name);
	bool curly = s[1] == '{';

	if (strncmp(s + 1 + curly, name, n) != 0 || (curly && s[2 + n] != '}'))
		return 0;
	return 1 + n + 2 * curly;
}

/* Replace the token at *s; false: its value is unknown. */
static bool expand_one(struct job *j, uint32_t member, const char **s, char **out)
{
	const char *value;
	size_t n;

	if ((n = token(*s, "ORIGIN"))) {
		value = j->nodes[member].origin;
		if (member == 0)
			j->out->needs_path = 1;
	} else if ((n = token(*s, "LIB"))) {
		value = j->r->loader.lib;
	} else if ((n = token(*s, "PLATFORM"))) {
		value = j->r->loader.platform;
	} else {
		*out = arena_printf(j->arena, "%s$", *out);
		(*s)++;
		return true;
	}
	if (!value)
		return false;
	*out = arena_printf(j->arena, "%s%s", *out, value);
	*s += n;
	return true;
}

const char *search_expand(struct job *j, uint32_t member, const char *text)
{
	char *out = arena_strdup(j->arena, "");
	size_t n;

	if (!strchr(text, '$'))
		return text;
	while (*text) {
		n = strcspn(text, "$");
		out = arena_printf(j->arena, "%s%.*s", out, (int)n, text);
		text += n;
		if (*text && !expand_one(j, member, &text, &out))
			return NULL;
	}
	return out;
}

/* One component of a search path, as a folder with a final slash; NULL: it is dropped. */
static const char *component(struct request *q, uint32_t owner, const char *text, size_t n)
{
	struct job *j = q->job;
	char *raw = arena_printf(j->arena, "%.*s", (int)n, text);
	const char *folder = n ? search_expand(j, owner, raw) : "";

	if (!folder || (n && !*folder))
		return NULL;
	if (folder[0] != '/') {
		job_refuse(j, REASON_RELATIVE_PATH, "the search path of '%s' has '%s'",
			   j->out->members[owner].path, raw);
		return NULL;
	}
	n = strlen(folder);
	while (n > 1 && folder[n - 1] == '/')
		n--;
	return arena_printf(j->arena, "%.*s%s", (int)n, folder, n == 1 ? "" : "/");
}

static int try_path_list(struct request *q, uint32_t owner, const char *list)
{
	const char *folder, *end;
	int rc;

	if (!*list)
		return 0;
	for (;; list = end + 1) {
		end = strchrnul(list, ':');
		folder = component(q, owner, list, (size_t)(end - list));
		rc = folder ? try_folder(q, folder) : 0;
		if (rc || !*end)
			return rc;
	}
}

/* DT_RPATH of the requirer and of everyone who brought it in, only where it has no DT_RUNPATH. */
static bool try_rpath(struct request *q)
{
	const struct member *m = q->job->out->members;
	uint32_t i = q->requirer;

	if (m[i].object->runpath)
		return false;
	for (;; i = m[i].requirer) {
		if (m[i].object->rpath && try_path_list(q, i, m[i].object->rpath) > 0)
			return true;
		if (i == 0 || q->failure)
			return false;
	}
}

static bool in_default_folder(const struct loader *l, const char *path)
{
	for (size_t i = 0; i < l->folder_count; i++)
		if (strncmp(path, l->folders[i], strlen(l->folders[i])) == 0)
			return true;
	return false;
}

static bool try_cache(struct request *q, bool no_default)
{
	const struct resolver *r = q->job->r;
	const char *path = ldcache_lookup(&r->cache, q->name, &r->loader.filter);

	if (!path || (no_default && in_default_folder(&r->loader, path)))
		return false;
	if (path[0] != '/') {
		job_refuse(q->job, REASON_RELATIVE_PATH, "ld.so.cache has '%s'", path);
		return false;
	}
	q->found_in = path;
	return try_file(q, path) > 0;
}

static bool try_defaults(struct request *q)
{
	const struct loader *l = &q->job->r->loader;
	int rc;

	for (size_t i = 0; i < l->folder_count; i++) {
		rc = try_folder(q, l->folders[i]);
		if (rc)
			return rc > 0;
	}
	return false;
}

static bool answered(struct request *q, enum found_by how)
{
	q->found_by = how;
	return true;
}

bool search_name(struct request *q)
{
	const struct object *o = q->job->out->members[q->requirer].object;
	bool no_default = o->flags_1 & DF_1_NODEFLIB;

	if (try_rpath(q))
		return answered(q, FOUND_RPATH);
	if (!q->failure && o->runpath && try_path_list(q, q->requirer, o->runpath) > 0)
		return answered(q, FOUND_RUNPATH);
	if (!q->failure && try_cache(q, no_default))
		return answered(q, FOUND_CACHE);
	if (!q->failure && !no_default && try_defaults(q))
		return answered(q, FOUND_DEFAULT);
	return false;
}

bool search_path(struct request *q)
{
	if (q->name[0] != '/') {
		job_refuse(q->job, REASON_RELATIVE_PATH, "'%s' needs '%s'",
			   q->job->out->members[q->requirer].path, q->name);
		return false;
	}
	if (try_file(q, q->name) <= 0)
		return false;
	q->found_by = FOUND_PATH;
	return true;
}
