#include "matr-ld/print.h"

#include "common/names.h"
#include "image/reason.h"

#include <elf.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *provider_path(const struct mapping *m, const struct binding *b)
{
	return b->provider < m->member_count ? m->members[b->provider].path : NULL;
}

/* ---- tables ---- */

static void print_closure(const struct printer *p, const struct mapping *m)
{
	static const struct out_column columns[] = {{.title = "#", .right = true},
						    {.title = "OBJECT", .shrink = true},
						    {.title = "FOUND BY"},
						    {.title = "IN", .shrink = true},
						    {.title = "NEEDED BY"}};
	struct out_table *t = out_table_new(columns, 5);

	for (size_t i = 0; i < m->member_count; i++) {
		const struct member *k = &m->members[i];
		char number[24];

		snprintf(number, sizeof(number), "%zu", i);
		out_table_row(
		    t, (const char *const[]){number, k->path, found_by_name(k->found_by), k->found_in,
					     i ? base_name(m->members[k->requirer].path) : NULL});
	}
	out_table_print(t, &p->out);
}

static void add_binding(struct out_table *t, const struct mapping *m, const struct member *k,
			const struct binding *b)
{
	char type[32];
	const char *provider = provider_path(m, b);
	char offset[24], symbol[4096];

	snprintf(offset, sizeof(offset), "%#" PRIx64, b->offset);
	snprintf(symbol, sizeof(symbol), "%s%s%s", b->symbol ? b->symbol : "",
		 b->version ? "@" : "", b->version ? b->version : "");
	out_table_row(t,
		      (const char *const[]){base_name(k->path), offset,
					    relocation_name(b->type, type), symbol,
					    kind_name(b->kind), provider ? base_name(provider) : NULL});
}

static void print_bindings(const struct printer *p, const struct mapping *m)
{
	static const struct out_column columns[] = {
	    {.title = "OBJECT"},  {.title = "OFFSET", .right = true},
	    {.title = "TYPE"},	  {.title = "SYMBOL", .shrink = true},
	    {.title = "HOW"}, {.title = "PROVIDER"}};
	struct out_table *t = out_table_new(columns, 6);

	for (size_t i = 0; i < m->member_count; i++)
		for (size_t k = 0; k < m->members[i].binding_count; k++)
			add_binding(t, m, &m->members[i], &m->members[i].bindings[k]);
	out_table_print(t, &p->out);
}

static void print_tables(const struct printer *p, const struct mapping *m)
{
	FILE *f = p->out.file;

	fprintf(f, "%s%s%s\n", out_style(&p->out, OUT_BOLD), m->path,
		out_style(&p->out, OUT_PLAIN));
	if (m->reason)
		fprintf(f, "not eligible: %s: %s\n  %s\n", reason_name(m->reason),
			reason_sentence(m->reason), m->detail ? m->detail : "");
	fputc('\n', f);
	print_closure(p, m);
	fputc('\n', f);
	print_bindings(p, m);
}

/* ---- JSON ---- */

/* Names in ELF files are any bytes, JSON is UTF-8: what does not fit becomes question marks. */
static json_t *text_or_null(const char *s)
{
	json_t *text;
	char *copy;

	if (!s)
		return json_null();
	text = json_string(s);
	if (text)
		return text;
	copy = xstrdup(s);
	for (char *c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	text = json_string(copy);
	free(copy);
	return text;
}

static json_t *json_member(const struct mapping *m, const struct member *k)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "path", text_or_null(k->path), "soname",
			 text_or_null(k->soname), "request", text_or_null(k->request), "found_by",
			 found_by_name(k->found_by), "found_in", text_or_null(k->found_in), "requirer",
			 text_or_null(k->request ? m->members[k->requirer].path : NULL));
}

static json_t *json_binding(const struct mapping *m, const struct member *k,
			    const struct binding *b)
{
	char type[32];

	return json_pack("{s:o, s:I, s:s, s:o, s:o, s:s, s:o, s:I, s:I, s:b, s:b}", "object",
			 text_or_null(k->path), "offset", (json_int_t)b->offset, "type",
			 relocation_name(b->type, type), "symbol", text_or_null(b->symbol), "version",
			 text_or_null(b->version), "how", kind_name(b->kind), "provider",
			 text_or_null(provider_path(m, b)), "value", (json_int_t)b->value, "addend",
			 (json_int_t)b->addend, "weak", (int)b->weak, "unique", (int)b->unique);
}

static json_t *json_reason(const struct mapping *m)
{
	if (!m->reason)
		return json_null();
	return json_pack("{s:s, s:s, s:o}", "name", reason_name(m->reason), "sentence",
			 reason_sentence(m->reason), "detail", text_or_null(m->detail));
}

static void keep_json(struct printer *p, const struct mapping *m)
{
	json_t *closure = json_array(), *bindings = json_array();

	for (size_t i = 0; i < m->member_count; i++) {
		const struct member *k = &m->members[i];

		json_array_append_new(closure, json_member(m, k));
		for (size_t n = 0; n < k->binding_count; n++)
			json_array_append_new(bindings, json_binding(m, k, &k->bindings[n]));
	}
	json_array_append_new(p->files,
			      json_pack("{s:o, s:b, s:o, s:o, s:o}", "path", text_or_null(m->path),
					"eligible", !m->reason, "reason", json_reason(m), "closure",
					closure, "bindings", bindings));
}

void print_begin(struct printer *p, FILE *file)
{
	out_init(&p->out, file);
	if (p->json)
		p->files = json_array();
}

void print_mapping(struct printer *p, const struct mapping *m)
{
	if (p->json)
		keep_json(p, m);
	else
		print_tables(p, m);
}

void print_end(struct printer *p)
{
	json_t *all;

	if (!p->json)
		return;
	all = json_pack("{s:i, s:o}", "schema", 1, "files", p->files);
	json_dumpf(all, p->out.file, JSON_INDENT(1));
	fputc('\n', p->out.file);
	json_decref(all);
}
