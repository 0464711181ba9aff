/* text.c - the views as aligned tables */
#include "common/buf.h"
#include "image/reason.h"
#include "inspect/inspect.h"
#include "inspect/relation.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* "why each was found there", as a sentence fragment. */
static void describe_search(struct buf *b, const struct mapping *m, size_t i)
{
	const struct member *o = &m->members[i];
	const char *requirer =
	    o->requirer < m->member_count ? base_name(m->members[o->requirer].path) : "?";
	const char *in = o->found_in ? o->found_in : "";

	buf_clear(b);
	switch (o->found_by) {
	case FOUND_EXECUTABLE:
		buf_puts(b, "the program");
		return;
	case FOUND_PRELOAD:
		buf_printf(b, "ld.so.preload (%s)", o->request ? o->request : "?");
		return;
	case FOUND_PATH:
		buf_printf(b, "path in DT_NEEDED of %s", requirer);
		break;
	case FOUND_RPATH:
		buf_printf(b, "needed by %s; RPATH %s", requirer, in);
		break;
	case FOUND_RUNPATH:
		buf_printf(b, "needed by %s; RUNPATH %s", requirer, in);
		break;
	case FOUND_CACHE:
		buf_printf(b, "needed by %s; ld.so.cache", requirer);
		break;
	case FOUND_DEFAULT:
		buf_printf(b, "needed by %s; default folder %s", requirer, in);
		break;
	case FOUND_LOADER:
		buf_printf(b, "needed by %s; the loader itself", requirer);
		break;
	}
	if (o->request && strcmp(o->request, base_name(o->path)) != 0)
		buf_printf(b, " (as %s)", o->request);
}

static size_t show_closure(const struct inspect_request *q, const struct out *o)
{
	static const struct out_column columns[] = {{.title = "#", .right = true},
						    {.title = "OBJECT"},
						    {.title = "WHY THERE", .shrink = true}};
	struct out_table *t = out_table_new(columns, LENGTH(columns));
	const struct mapping *m = q->mapping;
	char number[OUT_NUMBER_BYTES];
	struct buf why = BUF_INIT;
	size_t i;

	for (i = 0; i < m->member_count; i++) {
		snprintf(number, sizeof(number), "%zu", i);
		describe_search(&why, m, i);
		out_table_row(t, (const char *[]){number, m->members[i].path, why.data});
	}
	out_table_print(t, o);
	buf_release(&why);
	return m->member_count;
}

static const char *provider_name(const struct mapping *m, const struct binding *b)
{
	return b->provider < m->member_count ? base_name(m->members[b->provider].path) : "-";
}

static size_t show_bindings(const struct inspect_request *q, const struct out *o)
{
	static const struct out_column columns[] = {{.title = "OBJECT", .shrink = true},
						    {.title = "SYMBOL", .shrink = true},
						    {.title = "PROVIDER", .shrink = true},
						    {.title = "TYPE"},
						    {.title = "HOW"}};
	struct out_table *t = out_table_new(columns, LENGTH(columns));
	const struct mapping *m = q->mapping;
	char *text = NULL, type[32];
	const struct binding *b;
	size_t i, k, capacity = 0, rows;

	for (i = 0; i < m->member_count; i++) {
		for (k = 0; k < m->members[i].binding_count; k++) {
			b = &m->members[i].bindings[k];
			if (!inspect_selects(q, i, b))
				continue;
			out_table_row(t, (const char *[]){base_name(m->members[i].path),
							  symbol_at_version(b, &text, &capacity),
							  provider_name(m, b),
							  relocation_name(b->type, type),
							  kind_name(b->kind)});
		}
	}
	rows = out_table_rows(t);
	out_table_print(t, o);
	free(text);
	return rows;
}

static size_t show_shadowed(const struct inspect_request *q, const struct out *o)
{
	static const struct out_column columns[] = {{.title = "OBJECT", .shrink = true},
						    {.title = "SYMBOL", .shrink = true},
						    {.title = "PROVIDER", .shrink = true},
						    {.title = "SHADOWED", .shrink = true}};
	struct out_table *t = out_table_new(columns, LENGTH(columns));
	const struct mapping *m = q->mapping;
	struct buf losers = BUF_INIT;
	const struct binding *b;
	size_t i, k, end, capacity = 0, rows;
	char *text = NULL;

	for (i = 0; i < m->shadow_count; i = end) {
		end = inspect_shadow_end(m, i);
		b = inspect_shadow_binding(m, &m->shadows[i]);
		if (!b || !inspect_selects(q, m->shadows[i].member, b))
			continue;
		buf_clear(&losers);
		for (k = i; k < end; k++)
			if (m->shadows[k].loser < m->member_count)
				buf_printf(&losers, "%s%s", k > i ? ", " : "",
					   base_name(m->members[m->shadows[k].loser].path));
		out_table_row(t, (const char *[]){base_name(m->members[m->shadows[i].member].path),
						  symbol_at_version(b, &text, &capacity),
						  provider_name(m, b), losers.data});
	}
	rows = out_table_rows(t);
	out_table_print(t, o);
	buf_release(&losers);
	free(text);
	return rows;
}

static size_t show_unused(const struct inspect_request *q, const struct out *o)
{
	static const struct out_column columns[] = {
	    {.title = "NEEDED BY"}, {.title = "LIBRARY"}, {.title = "DIRECT"}};
	struct out_table *t = out_table_new(columns, LENGTH(columns));
	const struct mapping *m = q->mapping;
	struct inspect_counts *counts = inspect_count(m);
	uint32_t requirer;
	size_t i, rows;

	for (i = 0; i < m->member_count; i++) {
		if (!inspect_is_unused(m, i, counts))
			continue;
		requirer = m->members[i].requirer;
		out_table_row(
		    t, (const char *[]){
			   requirer < m->member_count ? base_name(m->members[requirer].path) : "?",
			   m->members[i].path, requirer == 0 ? "yes" : "no"});
	}
	rows = out_table_rows(t);
	out_table_print(t, o);
	free(counts);
	return rows;
}

/* ---- summary ---- */

static void show_state(const struct inspect_request *q, const struct out *o)
{
	const struct mapping *m = q->mapping;

	fprintf(o->file, "program   %s%s%s\n", out_style(o, OUT_BOLD), m->path,
		out_style(o, OUT_PLAIN));
	if (!m->reason) {
		fprintf(o->file, "state     %seligible%s%s\n", out_style(o, OUT_GREEN),
			out_style(o, OUT_PLAIN), m->needs_path ? ", only at its own path" : "");
		if (q->layout)
			fprintf(o->file, "layout    %s (%s)\n", q->layout, q->layout_from);
		return;
	}
	fprintf(o->file, "state     %sstock path%s: %s: %s\n", out_style(o, OUT_YELLOW),
		out_style(o, OUT_PLAIN), reason_name(m->reason), reason_sentence(m->reason));
	if (m->detail)
		fprintf(o->file, "because   %s\n", m->detail);
}

static void show_kind(const struct out *o, size_t n, const char *what, bool *any)
{
	char number[OUT_NUMBER_BYTES];

	if (!n)
		return;
	fprintf(o->file, "%s%s %s", *any ? ", " : "", out_count(number, n), what);
	*any = true;
}

static void show_counts(const struct mapping *m, const struct inspect_counts *counts,
			const struct out *o)
{
	const struct inspect_counts *all = &counts[m->member_count];
	char number[OUT_NUMBER_BYTES];
	size_t i, unused = 0;
	bool any = false;

	for (i = 0; i < m->member_count; i++)
		unused += inspect_is_unused(m, i, counts);
	fprintf(o->file, "closure   %s objects", out_count(number, m->member_count));
	if (all->bindings && unused)
		fprintf(o->file, ", in %s of them nothing is bound", out_count(number, unused));
	fprintf(o->file, "\nbindings  %s", out_count(number, all->bindings));
	if (all->bindings)
		fputs(": ", o->file);
	show_kind(o, all->value, "fixed", &any);
	show_kind(o, all->executable, "in the executable", &any);
	show_kind(o, all->lazy, "left lazy", &any);
	show_kind(o, all->zero, "weak and unresolved", &any);
	show_kind(o, all->ifunc, "chosen by IFUNC", &any);
	show_kind(o, all->residual, "left to ld.so", &any);
	fputc('\n', o->file);
}

static size_t show_summary(const struct inspect_request *q, const struct out *o)
{
	static const struct out_column columns[] = {{.title = "OBJECT", .shrink = true},
						    {.title = "BINDINGS", .right = true},
						    {.title = "PROVIDES", .right = true}};
	const struct mapping *m = q->mapping;
	struct inspect_counts *counts = inspect_count(m);
	struct out_table *t = out_table_new(columns, LENGTH(columns));
	char bindings[OUT_NUMBER_BYTES], provided[OUT_NUMBER_BYTES];
	size_t i;

	show_state(q, o);
	if (m->member_count)
		show_counts(m, counts, o);
	for (i = 0; i < m->member_count; i++)
		out_table_row(t, (const char *[]){m->members[i].path,
						  out_count(bindings, counts[i].bindings),
						  out_count(provided, counts[i].provided)});
	if (m->member_count)
		fputc('\n', o->file);
	out_table_print(t, o);
	free(counts);
	return m->member_count;
}

size_t inspect_text(const struct inspect_request *q, const struct out *o)
{
	switch (q->view) {
	case INSPECT_CLOSURE:
		return show_closure(q, o);
	case INSPECT_BINDINGS:
	case INSPECT_UNRESOLVED:
		return show_bindings(q, o);
	case INSPECT_SHADOWED:
		return show_shadowed(q, o);
	case INSPECT_UNUSED:
		return show_unused(q, o);
	case INSPECT_SUMMARY:
		break;
	}
	return show_summary(q, o);
}
