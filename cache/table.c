#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

#define CHUNK_ENTRIES 64
#define MEMO_SLOTS 64

/* A string pointer that was seen lately, so that it is not hashed again. */
struct memo {
	const char *s;
	uint64_t key;
	uint16_t index;
};

/* One table on its way: entries go out in chunks, to a buffer or into a hash. */
struct encoder {
	const struct mapping *m;
	size_t member;
	struct buf *out;    /* or NULL */
	XXH3_state_t *hash; /* or NULL */
	uint16_t *local;    /* closure index -> provider index in the table, + 1 */
	uint64_t *providers;
	uint64_t *versions;
	size_t provider_count, version_count, version_capacity;
	struct memo memo[MEMO_SLOTS];
	uint8_t chunk[CHUNK_ENTRIES * ENTRY_BYTES];
	size_t chunk_used;
};

static void emit(struct encoder *c, const void *data, size_t bytes)
{
	if (c->hash)
		XXH3_128bits_update(c->hash, data, bytes);
	else
		buf_put(c->out, data, bytes);
}

/* The object key that stands for a provider in every program alike. */
static int provider_key(const struct encoder *c, uint32_t provider, uint64_t *key, struct err *e)
{
	const struct mapping *m = c->m;

	if (provider >= m->member_count)
		return err_set(e, -EINVAL, "'%s': a binding's provider is no member", m->path);
	if (provider == c->member) {
		*key = OBJECT_SELF;
	} else if (provider == 0) {
		*key = OBJECT_EXECUTABLE;
	} else {
		*key = m->members[provider].object_key;
		if (*key <= OBJECT_SELF)
			return err_set(e, -EINVAL, "'%s' provides symbols and has no object key",
				       m->members[provider].path);
	}
	return 0;
}

static int provider_index(struct encoder *c, uint32_t provider, uint16_t *out, struct err *e)
{
	uint64_t key = OBJECT_NONE;
	int rc;

	*out = NO_INDEX;
	if (provider == PROVIDER_NONE)
		return 0;
	if (provider < c->m->member_count && c->local[provider]) {
		*out = (uint16_t)(c->local[provider] - 1);
		return 0;
	}
	rc = provider_key(c, provider, &key, e);
	if (rc < 0)
		return rc;
	if (c->provider_count >= NO_INDEX - 1)
		return err_set(e, -E2BIG, "'%s' binds to too many objects",
			       c->m->members[c->member].path);
	c->providers[c->provider_count++] = key;
	c->local[provider] = (uint16_t)c->provider_count;
	*out = (uint16_t)(c->provider_count - 1);
	return 0;
}

static int version_index(struct encoder *c, const char *version, uint16_t *out, struct err *e)
{
	struct memo *memo = &c->memo[((uintptr_t)version >> 3) % MEMO_SLOTS];
	uint64_t key;
	size_t i;

	*out = NO_INDEX;
	if (!version)
		return 0;
	if (memo->s == version) {
		*out = memo->index;
		return 0;
	}
	key = string_key(version);
	for (i = 0; i < c->version_count && c->versions[i] != key; i++)
		;
	if (i == c->version_count) {
		if (i >= NO_INDEX - 1)
			return err_set(e, -E2BIG, "'%s' asks for too many versions",
				       c->m->members[c->member].path);
		c->versions = array_grow(c->versions, i, &c->version_capacity, sizeof(key));
		c->versions[c->version_count++] = key;
	}
	*out = (uint16_t)i;
	*memo = (struct memo){.s = version, .key = key, .index = *out};
	return 0;
}

static int encode_entry(struct encoder *c, const struct binding *b, struct err *e)
{
	uint64_t symbol = string_key(b->symbol), value = b->value;
	uint8_t *p = c->chunk + c->chunk_used;
	uint16_t provider = NO_INDEX, version = NO_INDEX;
	int rc = provider_index(c, b->provider, &provider, e);

	if (rc == 0)
		rc = version_index(c, b->version, &version, e);
	if (rc < 0)
		return rc;
	/*
	 * Where the executable has it differs from program to program: see mapping.fixups.
	 * An absolute symbol's value is the binding's own.
	 */
	if (b->provider == 0 && c->member != 0 && !b->absolute)
		value = 0;
	memcpy(p, &b->offset, 8);
	memcpy(p + 8, &value, 8);
	memcpy(p + 16, &b->addend, 8);
	memcpy(p + 24, &symbol, 8);
	memcpy(p + 32, &b->symbol_index, 4);
	memcpy(p + 36, &b->type, 2);
	memcpy(p + 38, &provider, 2);
	memcpy(p + 40, &version, 2);
	p[42] = b->kind;
	p[43] = (uint8_t)((b->absolute ? ENTRY_ABSOLUTE : 0) | (b->plt ? ENTRY_PLT : 0) |
			  (b->weak ? ENTRY_WEAK : 0) | (b->unique ? ENTRY_UNIQUE : 0));
	c->chunk_used += ENTRY_BYTES;
	if (c->chunk_used == sizeof(c->chunk)) {
		emit(c, c->chunk, c->chunk_used);
		c->chunk_used = 0;
	}
	return 0;
}

static int encode(struct encoder *c, struct err *e)
{
	const struct member *member = &c->m->members[c->member];
	uint8_t trailer[TRAILER_BYTES] = {0};
	uint32_t count = (uint32_t)member->binding_count;
	uint16_t providers, versions;
	size_t i;
	int rc = 0;

	if (member->binding_count > UINT32_MAX / ENTRY_BYTES)
		return err_set(e, -E2BIG, "'%s' has too many bindings", member->path);
	c->local = xcalloc(c->m->member_count, sizeof(*c->local));
	c->providers = xcalloc(c->m->member_count, sizeof(*c->providers));
	for (i = 0; i < member->binding_count && rc == 0; i++)
		rc = encode_entry(c, &member->bindings[i], e);
	if (rc == 0) {
		providers = (uint16_t)c->provider_count;
		versions = (uint16_t)c->version_count;
		memcpy(trailer, &count, 4);
		memcpy(trailer + 4, &providers, 2);
		memcpy(trailer + 6, &versions, 2);
		trailer[8] = RECORD_VERSION;
		emit(c, c->chunk, c->chunk_used);
		emit(c, c->providers, c->provider_count * sizeof(*c->providers));
		emit(c, c->versions, c->version_count * sizeof(*c->versions));
		emit(c, trailer, sizeof(trailer));
	}
	free(c->local);
	free(c->providers);
	free(c->versions);
	return rc;
}

int table_encode(const struct mapping *m, size_t member, struct buf *b, struct err *e)
{
	struct encoder c = {.m = m, .member = member, .out = b};

	return encode(&c, e);
}

static void hash_bytes(XXH128_hash_t h, uint8_t out[TABLE_KEY_BYTES])
{
	memcpy(out, &h.low64, 8);
	memcpy(out + 8, &h.high64, 8);
}

int catalogue_table_key(const struct mapping *m, size_t member, uint8_t out[TABLE_KEY_BYTES],
			struct err *e)
{
	struct encoder c = {.m = m, .member = member};
	int rc;

	if (!m->members[member].binding_count) {
		memset(out, 0, TABLE_KEY_BYTES);
		return 0;
	}
	c.hash = XXH3_createState();
	if (!c.hash)
		return err_set(e, -ENOMEM, "out of memory");
	XXH3_128bits_reset(c.hash);
	rc = encode(&c, e);
	if (rc == 0)
		hash_bytes(XXH3_128bits_digest(c.hash), out);
	XXH3_freeState(c.hash);
	return rc;
}

int catalogue_view_table(const struct mapping *m, size_t member, struct buf *b,
			 struct catalogue_table *out, struct err *e)
{
	int rc;

	buf_clear(b);
	rc = table_encode(m, member, b, e);
	if (rc == 0 && !table_split(out, b->data, b->used))
		rc = err_set(e, -EBADMSG, "'%s': its table cannot be read back", m->path);
	return rc;
}

bool table_open(struct catalogue_table *t, const uint8_t key[TABLE_KEY_BYTES], const void *data,
		size_t bytes)
{
	uint8_t sum[TABLE_KEY_BYTES];

	hash_bytes(XXH3_128bits(data, bytes), sum);
	return memcmp(sum, key, sizeof(sum)) == 0 && table_split(t, data, bytes);
}

bool table_split(struct catalogue_table *t, const void *data, size_t bytes)
{
	const uint8_t *p = data, *trailer;

	if (bytes < TRAILER_BYTES)
		return false;
	trailer = p + bytes - TRAILER_BYTES;
	t->count = load_u32(trailer);
	t->provider_count = load_u16(trailer + 4);
	t->version_count = load_u16(trailer + 6);
	if (trailer[8] != RECORD_VERSION || trailer[9] ||
	    bytes !=
		t->count * ENTRY_BYTES + (t->provider_count + t->version_count) * 8 + TRAILER_BYTES)
		return false;
	t->entries = p;
	t->providers = p + t->count * ENTRY_BYTES;
	t->versions = t->providers + t->provider_count * 8;
	return true;
}

void catalogue_table_entry(const struct catalogue_table *t, size_t i, struct catalogue_entry *out)
{
	const uint8_t *p = t->entries + i * ENTRY_BYTES;
	uint16_t provider = load_u16(p + 38), version = load_u16(p + 40);

	*out = (struct catalogue_entry){
	    .offset = load_u64(p),
	    .value = load_u64(p + 8),
	    .addend = (int64_t)load_u64(p + 16),
	    .symbol = load_u64(p + 24),
	    .symbol_index = load_u32(p + 32),
	    .type = load_u16(p + 36),
	    .kind = p[42],
	    .absolute = p[43] & ENTRY_ABSOLUTE ? 1 : 0,
	    .plt = p[43] & ENTRY_PLT ? 1 : 0,
	    .weak = p[43] & ENTRY_WEAK ? 1 : 0,
	    .unique = p[43] & ENTRY_UNIQUE ? 1 : 0,
	};
	/* An index beyond the list reads as none: the hash says the writer meant it, nothing
	 * crashes. */
	if (provider < t->provider_count)
		out->provider = load_u64(t->providers + (size_t)provider * 8);
	if (version < t->version_count)
		out->version = load_u64(t->versions + (size_t)version * 8);
}
