/*
 * findings.c - what changed with an epoch, as the last part of its record
 *
 * u64 against, dropped; u32 count; then each: u32 kind, reason, package_gone, programs, symbols,
 * listed programs, listed symbols; six texts (subject, requirer, from, to, package, requirer's
 * package), two of each program (path, package), one of each symbol.
 * A text is its u32 size, NO_TEXT for none, and its bytes.
 */
#include "cache/internal.h"

#define LEAST_BYTES (7 * 4 + 6 * 4) /* of a finding without texts */

static void put_sized(struct buf *b, const char *s)
{
	put_text_size(b, s);
	put_text(b, s);
}

static void put_finding(struct buf *b, const struct catalogue_finding *f)
{
	buf_put_u32(b, f->kind);
	buf_put_u32(b, f->reason);
	buf_put_u32(b, f->package_gone);
	buf_put_u32(b, f->program_count);
	buf_put_u32(b, f->symbol_count);
	buf_put_u32(b, (uint32_t)f->listed_programs);
	buf_put_u32(b, (uint32_t)f->listed_symbols);
	put_sized(b, f->subject);
	put_sized(b, f->requirer);
	put_sized(b, f->from);
	put_sized(b, f->to);
	put_sized(b, f->package);
	put_sized(b, f->requirer_package);
	for (size_t i = 0; i < f->listed_programs; i++) {
		put_sized(b, f->programs[i]);
		put_sized(b, f->program_packages[i]);
	}
	for (size_t i = 0; i < f->listed_symbols; i++)
		put_sized(b, f->symbols[i]);
}

void put_findings(struct buf *b, const struct catalogue_findings *f)
{
	buf_put_u64(b, f->against);
	buf_put_u64(b, f->dropped);
	buf_put_u32(b, (uint32_t)f->count);
	for (size_t i = 0; i < f->count; i++)
		put_finding(b, &f->list[i]);
}

/* `count` texts, of which each takes four bytes at least; NULL: damaged. */
static const char **make_list(struct record *r, size_t count, struct arena *a)
{
	r->bad |= count > (size_t)(r->end - r->at) / 4;
	return r->bad ? NULL : arena_alloc(a, (count + 1) * sizeof(char *));
}

static void record_lists(struct record *r, struct catalogue_finding *f, struct arena *a)
{
	f->programs = make_list(r, f->listed_programs, a);
	f->program_packages = make_list(r, f->listed_programs, a);
	for (size_t i = 0; !r->bad && i < f->listed_programs; i++) {
		f->programs[i] = record_sized(r, a);
		f->program_packages[i] = record_sized(r, a);
		r->bad |= !f->programs[i];
	}
	f->symbols = make_list(r, f->listed_symbols, a);
	for (size_t i = 0; !r->bad && i < f->listed_symbols; i++) {
		f->symbols[i] = record_sized(r, a);
		r->bad |= !f->symbols[i];
	}
}

static void record_finding(struct record *r, struct catalogue_finding *f, struct arena *a)
{
	f->kind = record_u32(r);
	f->reason = record_u32(r);
	f->package_gone = record_u32(r);
	f->program_count = record_u32(r);
	f->symbol_count = record_u32(r);
	f->listed_programs = record_u32(r);
	f->listed_symbols = record_u32(r);
	f->subject = record_sized(r, a);
	f->requirer = record_sized(r, a);
	f->from = record_sized(r, a);
	f->to = record_sized(r, a);
	f->package = record_sized(r, a);
	f->requirer_package = record_sized(r, a);
	record_lists(r, f, a);
}

void record_findings(struct record *r, struct catalogue_findings *f, struct arena *a)
{
	f->against = record_u64(r);
	f->dropped = record_u64(r);
	f->count = record_u32(r);
	if (r->bad || f->count > (size_t)(r->end - r->at) / LEAST_BYTES) {
		r->bad = true;
		return;
	}
	f->list = arena_alloc(a, (f->count + 1) * sizeof(*f->list));
	for (size_t i = 0; i < f->count && !r->bad; i++)
		record_finding(r, &f->list[i], a);
}
