/* json.c - the views as one JSON object, written piece by piece */
#include "common/arena.h"
#include "image/reason.h"
#include "inspect/inspect.h"
#include "inspect/relation.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA 1

/* jansson takes only UTF-8; file names and symbols may be anything. */
static json_t *text(const char *s)
{
	json_t *value;
	char *copy, *p;

	if (!s)
		return json_null();
	value = json_string(s);
	if (value)
		return value;
	copy = xstrdup(s);
	for (p = copy; *p; p++)
		if (*p & 0x80)
			*p = '?';
	value = json_string(copy);
	free(copy);
	return value;
}

/* Writes and frees one value. */
static void put(FILE *f, json_t *value)
{
	json_dumpf(value, f, JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);
	json_decref(value);
}

static void put_member(FILE *f, const char *name, json_t *value)
{
	fprintf(f, ",\n\"%s\": ", name);
	put(f, value);
}

/* An array whose elements stand on lines of their own. */
struct array {
	FILE *f;
	size_t count;
};

static void array_begin(struct array *a, FILE *f, const char *name)
{
	*a = (struct array){.f = f};
	fprintf(f, ",\n\"%s\": [", name);
}

static void array_put(struct array *a, json_t *value)
{
	fputs(a->count++ ? ",\n" : "\n", a->f);
	put(a->f, value);
}

static size_t array_end(struct array *a)
{
	fputs(a->count ? "\n]" : "]", a->f);
	return a->count;
}

static json_t *hex(const uint8_t *bytes, size_t n)
{
	char digits[65];
	size_t i;

	for (i = 0; i < n && i < 32; i++)
		sprintf(digits + 2 * i, "%02x", bytes[i]);
	digits[2 * i] = 0;
	return n ? json_string(digits) : json_null();
}

static const char *member_path(const struct mapping *m, uint32_t i)
{
	return i < m->member_count ? m->members[i].path : NULL;
}

static json_t *counts_json(const struct inspect_counts *c)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "bindings", (json_int_t)c->bindings,
			 "value", (json_int_t)c->value, "executable", (json_int_t)c->executable,
			 "zero", (json_int_t)c->zero, "lazy", (json_int_t)c->lazy, "ifunc",
			 (json_int_t)c->ifunc, "residual", (json_int_t)c->residual);
}

static json_t *member_json(const struct mapping *m, size_t i, const struct inspect_counts *counts)
{
	const struct member *o = &m->members[i];
	bool needed = i && o->found_by != FOUND_PRELOAD;

	return json_pack(
	    "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:I, s:I}", "path", text(o->path), "soname",
	    text(o->soname), "found_by", found_by_name(o->found_by), "found_in", text(o->found_in),
	    "request", text(o->request), "requirer",
	    text(needed ? member_path(m, o->requirer) : NULL), "build_id",
	    hex(o->build_id, o->build_id_bytes), "loader", (int)o->is_loader, "bindings",
	    (json_int_t)counts[i].bindings, "provides", (json_int_t)counts[i].provided);
}

static json_t *binding_json(const struct mapping *m, size_t member, const struct binding *b)
{
	char type[32];

	return json_pack("{s:o, s:I, s:o, s:o, s:o, s:s, s:s, s:I, s:b, s:b}", "object",
			 text(m->members[member].path), "offset", (json_int_t)b->offset, "symbol",
			 text(b->symbol), "version", text(b->version), "provider",
			 text(member_path(m, b->provider)), "type", relocation_name(b->type, type),
			 "how", kind_name(b->kind), "addend", (json_int_t)b->addend, "weak",
			 (int)b->weak, "plt", (int)b->plt);
}

static void put_head(const struct inspect_request *q, FILE *f)
{
	const struct mapping *m = q->mapping;

	fprintf(f, "{\"schema\": %d", SCHEMA);
	put_member(f, "program", text(m->path));
	put_member(f, "source", text(q->source));
	put_member(f, "eligible", json_boolean(!m->reason));
	put_member(f, "needs_path", json_boolean(m->needs_path));
	if (q->layout && !m->reason) {
		put_member(f, "layout", text(q->layout));
		put_member(f, "layout_from", text(q->layout_from));
	}
	if (m->reason)
		put_member(f, "reason",
			   json_pack("{s:i, s:s, s:s, s:o}", "number", (int)m->reason, "name",
				     reason_name(m->reason), "sentence", reason_sentence(m->reason),
				     "detail", text(m->detail)));
}

static void put_members(const struct mapping *m, const struct inspect_counts *counts, FILE *f)
{
	struct array a;
	size_t i;

	put_member(f, "counts", counts_json(&counts[m->member_count]));
	array_begin(&a, f, "closure");
	for (i = 0; i < m->member_count; i++)
		array_put(&a, member_json(m, i, counts));
	array_end(&a);
}

static size_t put_bindings(const struct inspect_request *q, FILE *f, const char *name)
{
	const struct mapping *m = q->mapping;
	const struct binding *b;
	struct array a;
	size_t i, k;

	array_begin(&a, f, name);
	for (i = 0; i < m->member_count; i++) {
		for (k = 0; k < m->members[i].binding_count; k++) {
			b = &m->members[i].bindings[k];
			if (inspect_selects(q, i, b))
				array_put(&a, binding_json(m, i, b));
		}
	}
	return array_end(&a);
}

static size_t put_shadowed(const struct inspect_request *q, FILE *f)
{
	const struct mapping *m = q->mapping;
	const struct binding *b;
	json_t *element, *losers;
	size_t i, k, end;
	struct array a;

	array_begin(&a, f, "shadowed");
	for (i = 0; i < m->shadow_count; i = end) {
		end = inspect_shadow_end(m, i);
		b = inspect_shadow_binding(m, &m->shadows[i]);
		if (!b || !inspect_selects(q, m->shadows[i].member, b))
			continue;
		losers = json_array();
		for (k = i; k < end; k++)
			json_array_append_new(losers, text(member_path(m, m->shadows[k].loser)));
		element = binding_json(m, m->shadows[i].member, b);
		json_object_set_new(element, "losers", losers);
		array_put(&a, element);
	}
	return array_end(&a);
}

static size_t put_unused(const struct mapping *m, const struct inspect_counts *counts, FILE *f)
{
	struct array a;
	size_t i;

	array_begin(&a, f, "unused");
	for (i = 0; i < m->member_count; i++)
		if (inspect_is_unused(m, i, counts))
			array_put(&a, json_pack("{s:o, s:o, s:b}", "path", text(m->members[i].path),
						"requirer",
						text(member_path(m, m->members[i].requirer)),
						"direct", m->members[i].requirer == 0));
	return array_end(&a);
}

size_t inspect_json(const struct inspect_request *q, FILE *f)
{
	struct inspect_counts *counts = inspect_count(q->mapping);
	size_t rows = q->mapping->member_count;

	put_head(q, f);
	put_members(q->mapping, counts, f);
	if (q->view == INSPECT_BINDINGS)
		rows = put_bindings(q, f, "bindings");
	else if (q->view == INSPECT_UNRESOLVED)
		rows = put_bindings(q, f, "unresolved");
	else if (q->view == INSPECT_SHADOWED)
		rows = put_shadowed(q, f);
	else if (q->view == INSPECT_UNUSED)
		rows = put_unused(q->mapping, counts, f);
	fputs("\n}\n", f);
	free(counts);
	return rows;
}
