/*
 * Symbol versions: one array by index, from the needed and the defined ones.
 *
 * The entries are linked by offsets and no tag tells how many bytes they
 * take, so they are read through a window that grows to the segment's end.
 */
#include "common/arena.h"
#include "matr-ld/reader.h"

#include <errno.h>
#include <stdlib.h>

struct window {
	struct reader *r;
	uint64_t vaddr; /* of the first byte */
	uint64_t bytes;
	const uint8_t *data;
};

static const void *window_at(struct window *w, uint64_t at, uint64_t bytes, const char *what)
{
	uint64_t offset = 0, room, want;

	if (w->r->code)
		return NULL;
	if (at & 3) {
		reader_malformed(w->r, "%s has an entry at an odd place", what);
		return NULL;
	}
	if (!w->data || at > w->bytes || bytes > w->bytes - at) {
		room = reader_room(w->r, w->vaddr, &offset);
		want = w->bytes ? w->bytes * 8 : 8192;
		while (want < at + bytes)
			want *= 8;
		w->bytes = want < room ? want : room;
		if (at > w->bytes || bytes > w->bytes - at) {
			reader_malformed(w->r, "%s lies outside of the loaded segments", what);
			return NULL;
		}
		w->data = reader_peek(w->r, offset, w->bytes, what);
		if (!w->data)
			return NULL;
	}
	return w->data + at;
}

static const char *name_at(struct reader *r, uint64_t offset)
{
	if (offset < r->o->strings_bytes)
		return r->o->strings + offset;
	reader_malformed(r, "a version's name is outside of the string table");
	return "";
}

/* Versions while they are collected. */
struct collected {
	struct object_version *versions;
	size_t count, capacity; /* by index */
	struct object_need *needs;
	size_t need_count, need_capacity;
};

static struct object_version *version_slot(struct collected *c, uint32_t index)
{
	while (c->count <= index) {
		c->versions = array_grow(c->versions, c->count, &c->capacity, sizeof(*c->versions));
		c->versions[c->count++] = (struct object_version){0};
	}
	return &c->versions[index];
}

static void add_need(struct collected *c, const Elf64_Vernaux *x, const char *file,
		     const char *name)
{
	*version_slot(c, x->vna_other & 0x7fff) = (struct object_version){
	    .name = name,
	    .hash = x->vna_hash,
	    .hidden = x->vna_other & 0x8000,
	    .file = file,
	    .weak = x->vna_flags & VER_FLG_WEAK,
	};
	c->needs = array_grow(c->needs, c->need_count, &c->need_capacity, sizeof(*c->needs));
	c->needs[c->need_count++] = (struct object_need){
	    .file = file,
	    .name = name,
	    .hash = x->vna_hash,
	    .weak = x->vna_flags & VER_FLG_WEAK,
	};
}

/* Entries may not outnumber the smallest file that holds them: a loop of offsets ends. */
static bool too_many(struct reader *r, uint64_t *seen)
{
	if (++*seen <= r->file_bytes / sizeof(Elf64_Verdaux))
		return false;
	reader_malformed(r, "the version entries form a loop");
	return true;
}

static int read_needs(struct reader *r, uint64_t vaddr, struct collected *c)
{
	struct window w = {.r = r, .vaddr = vaddr};
	uint64_t at = 0, aux, seen = 0;
	const Elf64_Vernaux *x;
	const Elf64_Verneed *n;
	uint32_t next;
	const char *file;

	do {
		n = window_at(&w, at, sizeof(*n), "DT_VERNEED");
		if (!n || too_many(r, &seen))
			return r->code;
		if (n->vn_version != 1)
			return reader_malformed(r, "DT_VERNEED has an unknown version");
		file = name_at(r, n->vn_file);
		next = n->vn_next;
		aux = at + n->vn_aux;
		do {
			x = window_at(&w, aux, sizeof(*x), "DT_VERNEED");
			if (!x || too_many(r, &seen))
				return r->code;
			add_need(c, x, file, name_at(r, x->vna_name));
			aux += x->vna_next;
		} while (x->vna_next);
		at += next;
	} while (next);
	return r->code;
}

static int read_definitions(struct reader *r, uint64_t vaddr, struct collected *c)
{
	struct window w = {.r = r, .vaddr = vaddr};
	const Elf64_Verdaux *x;
	Elf64_Verdef d;
	const void *p;
	uint64_t at = 0, seen = 0;
	const char *name;

	do {
		p = window_at(&w, at, sizeof(d), "DT_VERDEF");
		if (!p || too_many(r, &seen))
			return r->code;
		d = *(const Elf64_Verdef *)p;
		if (d.vd_version != 1)
			return reader_malformed(r, "DT_VERDEF has an unknown version");
		x = window_at(&w, at + d.vd_aux, sizeof(*x), "DT_VERDEF");
		if (!x)
			return r->code;
		name = name_at(r, x->vda_name);
		if (d.vd_flags & VER_FLG_BASE) {
			version_slot(c, d.vd_ndx & 0x7fff);
			r->o->base_version = name;
		} else {
			*version_slot(c, d.vd_ndx & 0x7fff) = (struct object_version){
			    .name = name, .hash = d.vd_hash, .defined = true};
		}
		at += d.vd_next;
	} while (d.vd_next);
	return r->code;
}

int object_read_versions(struct reader *r)
{
	struct object *o = r->o;
	struct collected c = {0};
	uint64_t at;

	if (!o->strings_bytes)
		return 0;
	if (object_dynamic(o, DT_VERNEED, &at))
		read_needs(r, at, &c);
	o->has_verdef = object_dynamic(o, DT_VERDEF, &at);
	if (!r->code && o->has_verdef)
		read_definitions(r, at, &c);
	if (!r->code) {
		o->versions = object_memdup(o, c.versions, c.count * sizeof(*c.versions));
		o->version_count = c.count;
		o->needs = object_memdup(o, c.needs, c.need_count * sizeof(*c.needs));
		o->need_count = c.need_count;
		/* Without an index above 0, ld.so takes the object as one without versions. */
		if (c.count > 1 && o->symbol_count && object_dynamic(o, DT_VERSYM, &at))
			o->versym = reader_vaddr(r, at, o->symbol_count * 2, "DT_VERSYM");
	}
	free(c.versions);
	free(c.needs);
	return r->code;
}
