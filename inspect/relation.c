#include "inspect/relation.h"

#include "common/arena.h"

#include <elf.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const char *symbol_at_version(const struct binding *b, char **text, size_t *capacity)
{
	size_t need;

	if (!b->version)
		return b->symbol ? b->symbol : "";
	need = strlen(b->symbol ? b->symbol : "") + strlen(b->version) + 2;
	if (need > *capacity) {
		*capacity = need * 2;
		*text = xrealloc(*text, *capacity);
	}
	snprintf(*text, *capacity, "%s@%s", b->symbol ? b->symbol : "", b->version);
	return *text;
}

static void count_kind(struct inspect_counts *c, unsigned kind)
{
	c->bindings++;
	c->value += kind == BINDING_VALUE;
	c->executable += kind == BINDING_EXECUTABLE;
	c->zero += kind == BINDING_ZERO;
	c->lazy += kind == BINDING_LAZY;
	c->ifunc += kind == BINDING_IFUNC;
	c->residual += kind == BINDING_RESIDUAL;
}

struct inspect_counts *inspect_count(const struct mapping *m)
{
	struct inspect_counts *counts = xcalloc(m->member_count + 1, sizeof(*counts));
	const struct binding *b;
	size_t i, k;

	for (i = 0; i < m->member_count; i++) {
		for (k = 0; k < m->members[i].binding_count; k++) {
			b = &m->members[i].bindings[k];
			count_kind(&counts[i], b->kind);
			count_kind(&counts[m->member_count], b->kind);
			if (b->provider < m->member_count && b->provider != i)
				counts[b->provider].provided++;
		}
	}
	return counts;
}

/* ---- filters ---- */

static bool matches(const char *pattern, const char *name)
{
	return name && fnmatch(pattern, name, 0) == 0;
}

static bool object_matches(const char *pattern, const struct member *m)
{
	return !pattern || matches(pattern, m->path) || matches(pattern, base_name(m->path)) ||
	       matches(pattern, m->soname);
}

static bool symbol_matches(const char *pattern, const struct binding *b)
{
	char *text = NULL;
	size_t capacity = 0;
	bool yes;

	if (!pattern)
		return true;
	if (!b->symbol)
		return false;
	if (matches(pattern, b->symbol))
		return true;
	if (!b->version || !strchr(pattern, '@'))
		return false;
	yes = matches(pattern, symbol_at_version(b, &text, &capacity));
	free(text);
	return yes;
}

bool inspect_selects(const struct inspect_request *q, size_t member, const struct binding *b)
{
	const struct mapping *m = q->mapping;

	/* Without a symbol there is nothing to resolve: IRELATIVE, a module's number. */
	if (q->view == INSPECT_UNRESOLVED && (b->provider != PROVIDER_NONE || !b->symbol))
		return false;
	if (!object_matches(q->object, &m->members[member]) || !symbol_matches(q->symbol, b))
		return false;
	if (!q->provider)
		return true;
	return b->provider < m->member_count &&
	       object_matches(q->provider, &m->members[b->provider]);
}

bool inspect_is_unused(const struct mapping *m, size_t member, const struct inspect_counts *counts)
{
	const struct member *o = &m->members[member];

	return member > 0 && !o->is_loader && o->found_by != FOUND_PRELOAD &&
	       !counts[member].provided;
}

/* ---- shadows ---- */

size_t inspect_shadow_end(const struct mapping *m, size_t i)
{
	const struct shadow *s = m->shadows;
	size_t end = i + 1;

	while (end < m->shadow_count && s[end].member == s[i].member &&
	       s[end].binding == s[i].binding)
		end++;
	return end;
}

const struct binding *inspect_shadow_binding(const struct mapping *m, const struct shadow *s)
{
	if (s->member >= m->member_count || s->loser >= m->member_count ||
	    s->binding >= m->members[s->member].binding_count)
		return NULL;
	return &m->members[s->member].bindings[s->binding];
}
