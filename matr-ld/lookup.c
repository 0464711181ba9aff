#include "matr-ld/lookup.h"

#include "matr-ld/hash.h"

#include <stdlib.h>
#include <string.h>

/* A member as a lookup sees it: one cache line for the filter and the buckets. */
struct searched {
	const uint64_t *bloom; /* NULL: SysV hash table */
	uint32_t bloom_mask, bloom_shift;
	uint32_t bucket_count; /* 0: nothing to search */
	uint32_t gnu_base;
	const uint32_t *buckets, *chain;
	const struct object *object;
};

struct remembered {
	const char *name, *version; /* NULL: without */
	uint32_t hash, version_hash, version_file;
	uint8_t class, hidden;
	struct answer answer;
};

struct scope {
	struct searched *members;
	uint32_t count;
	struct remembered *memo; /* answers by number */
	size_t memo_count, memo_capacity;
	uint32_t *slots; /* hash table of number + 1 */
	size_t slot_count;
};

struct scope *scope_make(struct job *j)
{
	struct scope *s = xcalloc(1, sizeof(*s));

	s->count = (uint32_t)j->out->member_count;
	s->members = xcalloc(s->count, sizeof(*s->members));
	for (uint32_t i = 0; i < s->count; i++) {
		const struct object *o = j->out->members[i].object;

		s->members[i] = (struct searched){
		    .bloom = o->gnu_hash ? o->bloom : NULL,
		    .bloom_mask = o->bloom_words - 1,
		    .bloom_shift = o->bloom_shift,
		    .bucket_count = o->bucket_count,
		    .gnu_base = o->gnu_base,
		    .buckets = o->buckets,
		    .chain = o->chain,
		    .object = o,
		};
	}
	s->slot_count = 4096;
	s->slots = xcalloc(s->slot_count, sizeof(*s->slots));
	return s;
}

void scope_free(struct scope *s)
{
	free(s->members);
	free(s->memo);
	free(s->slots);
	free(s);
}

/* Definitions of code or data only; others (sections, files) are no answers. */
#define TYPES_ALLOWED                                                                              \
	(1u << STT_NOTYPE | 1u << STT_OBJECT | 1u << STT_FUNC | 1u << STT_COMMON | 1u << STT_TLS | \
	 1u << STT_GNU_IFUNC)

static bool is_definition(const Elf64_Sym *s, enum type_class class)
{
	unsigned type = ELF64_ST_TYPE(s->st_info);

	if (s->st_value == 0 && s->st_shndx != SHN_ABS && type != STT_TLS)
		return false;
	/* Elsewhere an undefined symbol with a value counts: a canonical PLT entry. */
	if (class & CLASS_PLT && s->st_shndx == SHN_UNDEF)
		return false;
	return TYPES_ALLOWED >> type & 1;
}

/* Versioned reference: the named version, or a base definition that is not hidden. */
static bool version_matches(const struct object *o, uint16_t versym,
			    const struct object_version *wanted)
{
	static const struct object_version none;
	uint16_t index = versym & 0x7fff;
	const struct object_version *have = index < o->version_count ? &o->versions[index] : &none;

	if (have->hash == wanted->hash && have->name && strcmp(have->name, wanted->name) == 0)
		return true;
	return !wanted->hidden && have->hash == 0 && !(versym & 0x8000);
}

/* One search of one member; what is remembered along the chain. */
struct probe {
	const struct object *object;
	const struct wanted *wanted;
	uint32_t only;	   /* first visible symbol with a version of its own */
	uint32_t versions; /* how many of them */
};

static bool matches(struct probe *p, uint32_t index)
{
	const struct object *o = p->object;
	const Elf64_Sym *s = &o->symbols[index];
	uint16_t versym;

	if (index >= o->symbol_count || !is_definition(s, p->wanted->class) ||
	    s->st_name >= o->strings_bytes || strcmp(o->strings + s->st_name, p->wanted->name) != 0)
		return false;
	if (!o->versym)
		return true;
	versym = o->versym[index];
	if (p->wanted->version)
		return version_matches(o, versym, p->wanted->version);
	/* Unversioned: 0, 1 and 2 are taken even where hidden; later ones are only remembered. */
	if ((versym & 0x7fff) < 3)
		return true;
	if (!(versym & 0x8000) && p->versions++ == 0)
		p->only = index;
	return false;
}

static uint32_t walk_gnu(const struct searched *m, struct probe *p)
{
	uint32_t hash = p->wanted->hash, at;
	uint64_t word = m->bloom[hash / 64 & m->bloom_mask];

	if (!(word >> (hash % 64) & word >> ((hash >> m->bloom_shift) % 64) & 1))
		return 0;
	at = m->buckets[hash % m->bucket_count];
	if (!at)
		return 0;
	for (at -= m->gnu_base;; at++) {
		if (!((m->chain[at] ^ hash) >> 1) && matches(p, m->gnu_base + at))
			return m->gnu_base + at;
		if (m->chain[at] & 1)
			return 0;
	}
}

static uint32_t walk_sysv(const struct searched *m, struct probe *p)
{
	size_t steps = m->object->chain_count; /* a chain that loops ends */
	uint32_t at = m->buckets[sysv_hash(p->wanted->name) % m->bucket_count];

	for (; at && at < m->object->chain_count && steps--; at = m->chain[at])
		if (matches(p, at))
			return at;
	return 0;
}

static bool visible(const Elf64_Sym *s)
{
	unsigned visibility = ELF64_ST_VISIBILITY(s->st_other), bind = ELF64_ST_BIND(s->st_info);

	if (visibility == STV_HIDDEN || visibility == STV_INTERNAL)
		return false;
	return bind == STB_GLOBAL || bind == STB_WEAK || bind == STB_GNU_UNIQUE;
}

struct answer scope_lookup_in(const struct scope *s, uint32_t member, const struct wanted *w)
{
	const struct searched *m = &s->members[member];
	struct probe p = {.object = m->object, .wanted = w};
	uint32_t found;

	if (!m->bucket_count || (w->class & CLASS_COPY && member == 0))
		return (struct answer){0};
	found = m->bloom ? walk_gnu(m, &p) : walk_sysv(m, &p);
	/* An unversioned reference takes a single later version: there is no doubt which. */
	if (!found && p.versions == 1)
		found = p.only;
	if (found && w->version && w->version_file == member && !m->object->versym)
		return (struct answer){.status = ANSWER_BROKEN};
	if (!found || !visible(&m->object->symbols[found]))
		return (struct answer){0};
	return (struct answer){.member = member, .symbol = found, .status = ANSWER_FOUND};
}

/* First match in scope order, weak or not. */
static struct answer search(const struct scope *s, const struct wanted *w)
{
	struct answer a = {0};

	for (uint32_t i = 0; i < s->count && a.status == ANSWER_NONE; i++)
		a = scope_lookup_in(s, i, w);
	return a;
}

static void key_of(struct remembered *k, const struct wanted *w)
{
	*k = (struct remembered){
	    .name = w->name, .hash = w->hash, .class = w->class, .version_file = PROVIDER_NONE};
	if (w->version) {
		k->version = w->version->name;
		k->version_hash = w->version->hash;
		k->version_file = w->version_file;
		k->hidden = w->version->hidden;
	}
}

static bool same_key(const struct remembered *a, const struct remembered *b)
{
	return a->hash == b->hash && a->version_hash == b->version_hash &&
	       a->version_file == b->version_file && a->class == b->class &&
	       a->hidden == b->hidden && !a->version == !b->version &&
	       strcmp(a->name, b->name) == 0 &&
	       (!a->version || strcmp(a->version, b->version) == 0);
}

static size_t slot_of(const struct scope *s, const struct remembered *k)
{
	uint64_t h = (k->hash ^ (uint64_t)k->version_hash << 7 ^ (uint64_t)k->class << 40) *
		     0x9e3779b97f4a7c15u;

	return h >> 32 & (s->slot_count - 1);
}

static void grow_slots(struct scope *s)
{
	size_t at;

	free(s->slots);
	s->slot_count *= 4;
	s->slots = xcalloc(s->slot_count, sizeof(*s->slots));
	for (uint32_t i = 0; i < s->memo_count; i++) {
		for (at = slot_of(s, &s->memo[i]); s->slots[at];)
			at = (at + 1) & (s->slot_count - 1);
		s->slots[at] = i + 1;
	}
}

uint32_t scope_lookup(struct scope *s, const struct wanted *w)
{
	struct remembered k;
	size_t at;

	key_of(&k, w);
	for (at = slot_of(s, &k); s->slots[at]; at = (at + 1) & (s->slot_count - 1))
		if (same_key(&s->memo[s->slots[at] - 1], &k))
			return s->slots[at] - 1;
	k.answer = search(s, w);
	s->memo = array_grow(s->memo, s->memo_count, &s->memo_capacity, sizeof(*s->memo));
	s->memo[s->memo_count++] = k;
	s->slots[at] = (uint32_t)s->memo_count;
	if (s->memo_count * 2 > s->slot_count)
		grow_slots(s);
	return (uint32_t)s->memo_count - 1;
}

const struct answer *scope_answer(const struct scope *s, uint32_t number)
{
	return &s->memo[number].answer;
}
