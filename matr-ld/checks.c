/* What ld.so checks between mapping the closure and relocating it, and complains about. */
#include "matr-ld/internal.h"

#include <string.h>

/* DT_RELR is only allowed together with a need of this version of libc (glibc >= 2.36). */
#define RELR_MARK "GLIBC_ABI_DT_RELR"
#define RELEASE_RELR 36

static bool defines(const struct object *o, const struct object_need *n)
{
	for (size_t i = 0; i < o->version_count; i++)
		if (o->versions[i].defined && o->versions[i].hash == n->hash &&
		    strcmp(o->versions[i].name, n->name) == 0)
			return true;
	return o->base_version && strcmp(o->base_version, n->name) == 0;
}

static void check_need(struct job *j, uint32_t who, const struct object_need *n)
{
	uint32_t i = closure_find(j, n->file);
	const struct member *m = j->out->members;

	if (i == PROVIDER_NONE)
		return;
	if (!m[i].object->has_verdef)
		job_refuse(j, REASON_VERSION_WARNING,
			   "'%s' needs version '%s' of '%s', which has no versions", m[who].path,
			   n->name, m[i].path);
	else if (!defines(m[i].object, n))
		job_refuse(j, n->weak ? REASON_VERSION_WARNING : REASON_VERSION_MISSING,
			   "'%s' needs version '%s' of '%s'", m[who].path, n->name, m[i].path);
}

static void check_relr(struct job *j, const struct member *m)
{
	const struct object *o = m->object;
	bool libc = false;
	uint64_t v;

	if (!object_dynamic(o, DT_RELR, &v) || j->r->loader.release < RELEASE_RELR)
		return;
	for (size_t i = 0; i < o->need_count; i++) {
		if (strcmp(o->needs[i].name, RELR_MARK) == 0)
			return;
		libc |= strncmp(o->needs[i].file, "libc.so.", 8) == 0;
	}
	if (libc)
		job_refuse(j, REASON_RELR_MARKER, "'%s' has DT_RELR but does not need " RELR_MARK,
			   m->path);
}

void checks_versions(struct job *j)
{
	for (uint32_t i = 0; i < j->out->member_count; i++) {
		const struct object *o = j->out->members[i].object;

		for (size_t k = 0; k < o->need_count; k++)
			check_need(j, i, &o->needs[k]);
		check_relr(j, &j->out->members[i]);
	}
}
