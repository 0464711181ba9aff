/* Hash tables, the dynamic symbol table and the hashes of its names. */
#include "matr-ld/hash.h"
#include "matr-ld/reader.h"

#include <errno.h>
#include <string.h>

#define WINDOW_WORDS 256

/* How long the chain that begins at word `first` after `chains` is: no header tells it. */
static int chain_end(struct reader *r, uint64_t chains, uint64_t first, uint64_t *count)
{
	const uint32_t *words;
	uint64_t offset, at, room, n;

	for (at = first;; at += n) {
		room = reader_room(r, chains + at * 4, &offset) / 4;
		n = room < WINDOW_WORDS ? room : WINDOW_WORDS;
		if (!n)
			return reader_malformed(r, "a chain of DT_GNU_HASH has no end");
		words = reader_peek(r, offset, n * 4, "DT_GNU_HASH");
		if (!words)
			return r->code;
		for (uint64_t i = 0; i < n; i++)
			if (words[i] & 1) {
				*count = at + i + 1;
				return 0;
			}
	}
}

static int read_gnu_chains(struct reader *r, uint64_t chains)
{
	struct object *o = r->o;
	uint64_t count = 0;
	uint32_t last = 0;

	for (uint32_t i = 0; i < o->bucket_count; i++) {
		if (o->buckets[i] && o->buckets[i] < o->gnu_base)
			return reader_malformed(r,
						"a bucket of DT_GNU_HASH names no hashed symbol");
		if (o->buckets[i] > last)
			last = o->buckets[i];
	}
	if (!last)
		return 0;
	if (chain_end(r, chains, last - o->gnu_base, &count) < 0)
		return r->code;
	o->chain = reader_vaddr(r, chains, count * 4, "DT_GNU_HASH");
	o->chain_count = count;
	return r->code;
}

static int read_gnu_hash(struct reader *r, uint64_t at)
{
	struct object *o = r->o;
	const uint32_t *h = reader_vaddr(r, at, 16, "DT_GNU_HASH");
	uint64_t bloom_bytes;

	if (!h)
		return r->code;
	o->gnu_hash = true;
	o->gnu_base = h[1];
	o->bloom_words = h[2];
	o->bloom_shift = h[3] & 31;
	if (!h[0])
		return 0;
	if (!h[2] || h[2] & (h[2] - 1))
		return reader_malformed(r, "the filter of DT_GNU_HASH is not a power of two");
	bloom_bytes = (uint64_t)h[2] * 8;
	o->bloom = reader_vaddr(r, at + 16, bloom_bytes, "DT_GNU_HASH");
	o->buckets = reader_vaddr(r, at + 16 + bloom_bytes, (uint64_t)h[0] * 4, "DT_GNU_HASH");
	if (r->code)
		return r->code;
	o->bucket_count = h[0];
	return read_gnu_chains(r, at + 16 + bloom_bytes + (uint64_t)h[0] * 4);
}

static int read_sysv_hash(struct reader *r, uint64_t at, bool wanted, uint64_t *count)
{
	struct object *o = r->o;
	const uint32_t *h = reader_vaddr(r, at, 8, "DT_HASH"), *words;

	if (!h)
		return r->code;
	*count = h[1];
	if (!wanted || !h[0])
		return 0;
	words = reader_vaddr(r, at + 8, ((uint64_t)h[0] + h[1]) * 4, "DT_HASH");
	if (!words)
		return r->code;
	o->bucket_count = h[0];
	o->buckets = words;
	o->chain = words + h[0];
	o->chain_count = h[1];
	return 0;
}

static uint64_t last_referenced(const Elf64_Rela *rela, size_t count, uint64_t last)
{
	for (size_t i = 0; i < count; i++)
		if (ELF64_R_SYM(rela[i].r_info) >= last)
			last = ELF64_R_SYM(rela[i].r_info) + 1;
	return last;
}

static int read_hash_tables(struct reader *r, uint64_t *count)
{
	struct object *o = r->o;
	uint64_t at, sysv = 0;

	if (object_dynamic(o, DT_GNU_HASH, &at) && read_gnu_hash(r, at) < 0)
		return r->code;
	if (object_dynamic(o, DT_HASH, &at) && read_sysv_hash(r, at, !o->gnu_hash, &sysv) < 0)
		return r->code;
	*count = o->gnu_hash && o->chain_count ? o->gnu_base + o->chain_count : 0;
	if (sysv > *count)
		*count = sysv;
	return 0;
}

/* Runtimes that claim fixed address ranges, by the function that every user of them names. */
static const char *const CLAIMING[] = {"__tsan_init", "__msan_init", "__dfsan_init",
				       "__hwasan_init"};

static void hash_names(struct object *o)
{
	uint32_t claiming[sizeof(CLAIMING) / sizeof(*CLAIMING)];
	uint32_t *hash = object_alloc(o, o->symbol_count * sizeof(*hash));

	for (size_t k = 0; k < sizeof(claiming) / sizeof(*claiming); k++)
		claiming[k] = gnu_hash(CLAIMING[k]);
	for (size_t i = 0; i < o->symbol_count; i++) {
		hash[i] = gnu_hash(object_symbol_name(o, i));
		for (size_t k = 0; k < sizeof(claiming) / sizeof(*claiming); k++)
			if (hash[i] == claiming[k] &&
			    strcmp(object_symbol_name(o, i), CLAIMING[k]) == 0)
				o->claims_addresses = CLAIMING[k];
	}
	o->name_hash = hash;
}

int object_read_symbols(struct reader *r)
{
	struct object *o = r->o;
	uint64_t at, count = 0, v;

	if (!o->dynamic_phdr)
		return 0;
	if (read_hash_tables(r, &count) < 0)
		return r->code;
	count = last_referenced(o->rela, o->rela_count, count);
	count = last_referenced(o->plt, o->plt_count, count);
	if (!object_dynamic(o, DT_SYMTAB, &at)) {
		if (o->bucket_count || count > 1)
			return reader_malformed(r, "there are references but no symbol table");
		count = 0;
	}
	if (object_dynamic(o, DT_SYMENT, &v) && v != sizeof(Elf64_Sym))
		return reader_malformed(r, "DT_SYMENT is not the size of a symbol");
	if (!count)
		return 0;
	o->symbols = reader_vaddr(r, at, count * sizeof(*o->symbols), "the symbol table");
	if (!o->symbols)
		return r->code;
	o->symbol_count = count;
	hash_names(o);
	return 0;
}
