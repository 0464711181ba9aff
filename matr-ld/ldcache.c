#include "matr-ld/ldcache.h"

#include <stdlib.h>
#include <string.h>

#define OLD_MAGIC "ld.so-1.7.0"
#define NEW_MAGIC "glibc-ld.so.cache1.1"
#define OLD_HEADER 16 /* magic, padding, number of entries */
#define NEW_HEADER 48
#define FLAGS_X8664_LIBC6 0x0303
#define EXTENSION_MAGIC 0xeaa42174u
#define EXTENSION_HWCAPS 1

/* Bits of an entry's hwcap member. */
#define HWCAP_EXTENSION ((uint64_t)1 << 62)
#define HWCAP_ISA_MASK 0x3ffu /* in the upper half */
#define HWCAP_PLATFORM ((uint64_t)0xf << 48)

struct entry {
	uint32_t flags, key, value;
	uint64_t hwcap;
};

static uint32_t word(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void entry_at(const struct ldcache *c, uint32_t i, struct entry *to)
{
	const uint8_t *p = c->entries + (size_t)i * c->entry_bytes;

	*to = (struct entry){.flags = word(p), .key = word(p + 4), .value = word(p + 8)};
	if (c->entry_bytes == 24)
		memcpy(&to->hwcap, p + 16, sizeof(to->hwcap));
}

static const char *string_at(const struct ldcache *c, uint32_t offset)
{
	return offset < c->strings_bytes ? (const char *)c->strings + offset : NULL;
}

/* The table of hwcaps folders; without a sound one there are no named hwcaps. */
static void find_hwcaps(struct ldcache *c, const uint8_t *base, size_t bytes)
{
	uint32_t at = word(base + 32), count, offset, size;

	if (!at || at & 3 || bytes < 8 || at > bytes - 8 || word(base + at) != EXTENSION_MAGIC)
		return;
	count = word(base + at + 4);
	if (count > (bytes - at - 8) / 16)
		return;
	for (const uint8_t *p = base + at + 8; count; count--, p += 16) {
		offset = word(p + 8);
		size = word(p + 12);
		if (word(p) != EXTENSION_HWCAPS)
			continue;
		if (offset > bytes || size > bytes - offset || offset & 3 || size & 3)
			return;
		c->hwcaps = base + offset;
		c->hwcap_count = size / 4;
	}
}

static bool parse_new(struct ldcache *c, size_t at)
{
	const uint8_t *base = c->bytes + at;
	size_t bytes = c->size - at;
	unsigned endian;

	if (c->size < at || bytes < NEW_HEADER || memcmp(base, NEW_MAGIC, 20) != 0)
		return false;
	endian = base[28] & 3;
	if (endian != 0 && endian != 2)
		return false;
	if (word(base + 20) > (bytes - NEW_HEADER) / 24)
		return false;
	c->entries = base + NEW_HEADER;
	c->entry_count = word(base + 20);
	c->entry_bytes = 24;
	c->strings = base;
	c->strings_bytes = bytes;
	find_hwcaps(c, base, bytes);
	return true;
}

static bool parse_old(struct ldcache *c)
{
	uint32_t count;
	size_t end;

	if (c->size < OLD_HEADER || memcmp(c->bytes, OLD_MAGIC, sizeof(OLD_MAGIC) - 1) != 0)
		return false;
	count = word(c->bytes + 12);
	if (count > (c->size - OLD_HEADER) / 12)
		return false;
	end = OLD_HEADER + (size_t)count * 12;
	if (parse_new(c, (end + 7) & ~(size_t)7))
		return true;
	c->entries = c->bytes + OLD_HEADER;
	c->entry_count = count;
	c->entry_bytes = 12;
	c->strings = c->bytes + end;
	c->strings_bytes = c->size - end;
	return true;
}

bool ldcache_parse(struct ldcache *c, uint8_t *bytes, size_t size)
{
	uint8_t *longer = realloc(bytes, size + 1);

	*c = (struct ldcache){.bytes = longer, .size = size};
	if (longer) {
		longer[size] = '\0'; /* so that the last string ends */
		if (parse_new(c, 0) || parse_old(c))
			return true;
	} else {
		free(bytes);
	}
	ldcache_release(c);
	return false;
}

void ldcache_release(struct ldcache *c)
{
	free(c->bytes);
	*c = (struct ldcache){0};
}

/* A number, read like ld.so's comparison does. */
static unsigned number(const char **s)
{
	unsigned v = 0;

	while (**s >= '0' && **s <= '9')
		v = v * 10 + (unsigned)(*(*s)++ - '0');
	return v;
}

/* The order of the cache: as strcmp, but runs of digits compare as numbers. */
static int compare_names(const char *a, const char *b)
{
	for (;;) {
		bool da = *a >= '0' && *a <= '9', db = *b >= '0' && *b <= '9';

		if (da && db) {
			unsigned na = number(&a), nb = number(&b);

			if (na != nb)
				return na < nb ? -1 : 1;
		} else if (da != db) {
			return da ? 1 : -1;
		} else if (*a != *b) {
			return (signed char)*a < (signed char)*b ? -1 : 1;
		} else if (!*a) {
			return 0;
		} else {
			a++;
			b++;
		}
	}
}

/* 0: not for this processor; else the smaller the better. */
static unsigned hwcap_rank(const struct ldcache *c, uint64_t hwcap, const struct ldcache_filter *f)
{
	const char *name;
	uint32_t index = (uint32_t)hwcap;
	unsigned level;

	if (!f->named_hwcaps || index >= c->hwcap_count)
		return 0;
	name = string_at(c, word(c->hwcaps + (size_t)index * 4));
	if (!name || strncmp(name, "x86-64-v", 8) != 0 || name[8] < '2' || name[8] > '4' || name[9])
		return 0;
	level = (unsigned)(name[8] - '0');
	/* The ISA mark of the library itself: bit n stands for level n + 1. */
	if ((hwcap >> 32 & HWCAP_ISA_MASK) >= f->cpu_level || level > f->cpu_level)
		return 0;
	return 5 - level;
}

/* The rules of the older scheme (bits for features and platform). */
static bool legacy_usable(uint64_t hwcap, const struct ldcache_filter *f)
{
	if (!f->legacy_hwcaps)
		return hwcap == 0;
	if (hwcap & ~(f->legacy_hwcaps | HWCAP_PLATFORM | (uint64_t)1 << 63))
		return false;
	return !(hwcap & HWCAP_PLATFORM) || (hwcap & HWCAP_PLATFORM) == f->platform;
}

/* Entries of one name stand together: the first index, or -1. */
static int64_t find_first(const struct ldcache *c, const char *name, int64_t *right)
{
	int64_t left = 0, middle;
	struct entry e;
	const char *key;
	int order;

	for (*right = (int64_t)c->entry_count - 1; left <= *right;) {
		middle = (left + *right) / 2;
		entry_at(c, (uint32_t)middle, &e);
		key = string_at(c, e.key);
		if (!key)
			return -1;
		order = compare_names(name, key);
		if (order < 0) {
			left = middle + 1;
		} else if (order > 0) {
			*right = middle - 1;
		} else {
			for (; middle > 0; middle--) {
				entry_at(c, (uint32_t)middle - 1, &e);
				key = string_at(c, e.key);
				if (!key)
					return -1;
				if (compare_names(name, key) != 0)
					break;
			}
			return middle;
		}
	}
	return -1;
}

const char *ldcache_lookup(const struct ldcache *c, const char *name,
			   const struct ldcache_filter *f)
{
	const char *best = NULL, *key, *value;
	unsigned best_rank = 0, rank;
	struct entry e;
	int64_t right, i;

	i = c->bytes ? find_first(c, name, &right) : -1;
	for (; i >= 0 && i <= right; i++) {
		entry_at(c, (uint32_t)i, &e);
		key = string_at(c, e.key);
		if (!key || compare_names(name, key) != 0)
			break;
		value = string_at(c, e.value);
		if (e.flags != FLAGS_X8664_LIBC6 || !value)
			continue;
		if ((e.hwcap >> 32 & ~(uint64_t)HWCAP_ISA_MASK) == HWCAP_EXTENSION >> 32 &&
		    f->named_hwcaps) {
			rank = hwcap_rank(c, e.hwcap, f);
			if (rank && (!best || rank < best_rank)) {
				best = value;
				best_rank = rank;
			}
			continue;
		}
		/* Named ones stand first; the plain entry only answers where none of them did. */
		if (best)
			break;
		if (legacy_usable(e.hwcap, f))
			return value;
	}
	return best;
}
