/* The closure: which objects ld.so maps at start, in its order. */
#include "matr-ld/internal.h"
#include "matr-ld/mmap_plan.h"

#include <stdlib.h>
#include <string.h>

#define VDSO_NAME "linux-vdso.so.1"

static void add_alias(struct job *j, uint32_t member, const char *name)
{
	struct alias *a = arena_alloc(j->arena, sizeof(*a));

	*a = (struct alias){.name = name, .next = j->nodes[member].aliases};
	j->nodes[member].aliases = a;
}

static void make_room(struct job *j)
{
	size_t n = j->out->member_count, capacity = j->capacity ? j->capacity * 2 : 64;
	struct member *members;
	struct node *nodes;

	if (n < j->capacity)
		return;
	members = arena_alloc(j->arena, capacity * sizeof(*members));
	nodes = arena_alloc(j->arena, capacity * sizeof(*nodes));
	if (n) {
		memcpy(members, j->out->members, n * sizeof(*members));
		memcpy(nodes, j->nodes, n * sizeof(*nodes));
	}
	j->out->members = members;
	j->nodes = nodes;
	j->capacity = capacity;
}

static const char *folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	return slash == path ? "/" : arena_printf(a, "%.*s", (int)(slash - path), path);
}

/* `m` has path, request, requirer and how it was found. */
static uint32_t add_member(struct job *j, const struct member *m, const struct object *o)
{
	uint32_t i = (uint32_t)j->out->member_count;
	struct member *to;

	make_room(j);
	j->out->member_count++;
	to = &j->out->members[i];
	*to = *m;
	to->object = o;
	to->soname = o->soname;
	to->search_path = o->runpath ? o->runpath : o->rpath;
	to->identity = o->identity;
	to->object_key = o->key;
	memcpy(to->build_id, o->build_id, sizeof(to->build_id));
	to->build_id_bytes = o->build_id_bytes;
	j->nodes[i] = (struct node){.origin = folder_of(j->arena, m->path)};
	if (m->request)
		add_alias(j, i, m->request);
	return i;
}

static bool answers(const struct job *j, uint32_t member, const char *name)
{
	const struct member *m = &j->out->members[member];

	if (m->soname && strcmp(m->soname, name) == 0)
		return true;
	if (member && strcmp(m->path, name) == 0)
		return true;
	for (const struct alias *a = j->nodes[member].aliases; a; a = a->next)
		if (strcmp(a->name, name) == 0)
			return true;
	return false;
}

static bool names_loader(const struct job *j, const char *name)
{
	const struct object *program = j->out->members[0].object;

	return (j->r->loader_object->soname && strcmp(name, j->r->loader_object->soname) == 0) ||
	       (program->interpreter && strcmp(name, program->interpreter) == 0);
}

uint32_t closure_find(const struct job *j, const char *name)
{
	/* The loader stands second in ld.so's list, wherever it is in the scope. */
	if (answers(j, 0, name))
		return 0;
	if (j->loader != PROVIDER_NONE && names_loader(j, name))
		return j->loader;
	for (uint32_t i = 1; i < j->out->member_count; i++)
		if (answers(j, i, name))
			return i;
	return PROVIDER_NONE;
}

static uint32_t add_loader(struct job *j, uint32_t requirer, const char *name)
{
	const struct member m = {
	    .path = j->r->loader.path,
	    .request = name,
	    .requirer = requirer,
	    .found_by = FOUND_LOADER,
	    .is_loader = 1,
	};

	j->loader = add_member(j, &m, j->r->loader_object);
	return j->loader;
}

static uint32_t missing(struct job *j, const struct request *q)
{
	const char *who = j->out->members[q->requirer].path;

	j->complete = false;
	if (q->failure)
		job_refuse(j, q->failure, "'%s' needs '%s': %s", who, q->name, q->failure_detail);
	else
		job_refuse(j, REASON_LIBRARY_MISSING, "'%s' needs '%s', which is not found", who,
			   q->name);
	return PROVIDER_NONE;
}

/* What ld.so refuses to load as a library. */
static const char *not_loadable(struct job *j, const struct object *o)
{
	struct mmap_plan plan;
	struct err e = ERR_INIT;

	if (o->elf_type != ET_DYN || o->flags_1 & DF_1_PIE)
		return "it is a program, not a library";
	if (!o->dynamic_phdr)
		return "it has no dynamic section";
	if (mmap_plan_make(&plan, o, j->arena, &e) < 0)
		return arena_strdup(j->arena, e.text);
	return NULL;
}

/* The same file under another name is one object to ld.so. */
static uint32_t find_inode(struct job *j, const struct object *o)
{
	for (uint32_t i = 1; i < j->out->member_count; i++)
		if (!j->out->members[i].is_loader &&
		    identity_same_inode(&j->out->members[i].identity, &o->identity))
			return i;
	return PROVIDER_NONE;
}

static uint32_t take(struct job *j, struct request *q)
{
	const struct object *o = q->entry->object;
	uint32_t known = find_inode(j, o);
	struct member m = {
	    .path = q->path,
	    .request = q->name,
	    .found_in = q->found_in,
	    .requirer = q->requirer,
	    .found_by = q->found_by,
	};

	if (known != PROVIDER_NONE) {
		add_alias(j, known, q->name);
		return known;
	}
	if (identity_same_inode(&o->identity, &j->out->members[0].identity)) {
		job_refuse(j, REASON_EXECUTABLE_NEEDED, "'%s' needs '%s'",
			   j->out->members[q->requirer].path, q->name);
		j->complete = false;
		return PROVIDER_NONE;
	}
	q->failure_detail = not_loadable(j, o);
	if (!q->failure_detail && identity_same_inode(&o->identity, &j->r->loader_object->identity))
		q->failure_detail = "it is the loader under another name";
	if (q->failure_detail) {
		q->failure = REASON_LIBRARY_BAD;
		return missing(j, q);
	}
	return add_member(j, &m, o);
}

/* One request, of DT_NEEDED or of ld.so.preload. */
static uint32_t require(struct job *j, uint32_t requirer, const char *text, bool preload)
{
	struct request q = {.job = j, .requirer = requirer};
	uint32_t i;
	bool found;

	q.name = preload ? text : search_expand(j, requirer, text);
	if (!q.name || !*q.name) {
		q.name = text;
		return missing(j, &q);
	}
	if (j->loader == PROVIDER_NONE && names_loader(j, q.name))
		return add_loader(j, requirer, q.name);
	i = closure_find(j, q.name);
	if (i == 0)
		job_refuse(j, REASON_EXECUTABLE_NEEDED, "'%s' needs '%s'",
			   j->out->members[requirer].path, q.name);
	if (i != PROVIDER_NONE)
		return i;
	if (strcmp(q.name, VDSO_NAME) == 0) {
		q.failure = REASON_LIBRARY_BAD;
		q.failure_detail = "it is the kernel's own object";
		return missing(j, &q);
	}
	found = strchr(q.name, '/') ? search_path(&q) : search_name(&q);
	if (!found)
		return missing(j, &q);
	if (preload)
		q.found_by = FOUND_PRELOAD;
	return take(j, &q);
}

void closure_make(struct job *j, const struct object *program)
{
	const struct member first = {.path = program->path, .found_by = FOUND_EXECUTABLE};
	const struct object *o;
	uint32_t *needed;

	j->complete = true;
	add_member(j, &first, program);
	for (size_t i = 0; i < j->r->preload_count; i++)
		require(j, 0, j->r->preload[i], true);
	for (uint32_t i = 0; i < j->out->member_count; i++) {
		o = j->out->members[i].object;
		needed = arena_alloc(j->arena, o->needed_count * sizeof(*needed));
		j->nodes[i].needed = needed;
		for (size_t k = 0; k < o->needed_count; k++) {
			uint32_t m = require(j, i, o->needed[k], false);

			needed[k] = m;
		}
		j->nodes[i].needed = needed; /* the array of nodes may have moved */
	}
}
