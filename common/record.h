/*
 * record.h - bytes that are read in order: numbers, texts, pieces
 *
 *	struct record r = {.at = data, .end = data + bytes};
 *
 *	x.number = record_u64(&r);
 *	x.name = record_sized(&r, &arena);
 *	if (r.bad)
 *		the bytes are not what they should be;
 *
 * Reading past the end gives zeros and NULL and sets `bad`, which stays; so a reader may read
 * everything and look once.  Nothing before `at` or behind `end` is touched, whatever the bytes
 * say.  Numbers are little-endian and stand anywhere (common/buf.h writes them).
 *
 * The bytes belong to the caller, and what record_bytes gives is a piece of them; texts are
 * copies in the arena.
 */
#ifndef COMMON_RECORD_H
#define COMMON_RECORD_H

#include "common/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "records are read in place as little-endian"
#endif

#define NO_TEXT UINT32_MAX /* the size of a text that is not there, which is not an empty one */

struct record {
	const uint8_t *at, *end; /* not owned */
	bool bad;
};

/* The next `bytes` bytes, or NULL (and bad). */
const uint8_t *record_bytes(struct record *r, size_t bytes);
uint8_t record_u8(struct record *r);
uint32_t record_u32(struct record *r);
uint64_t record_u64(struct record *r);

/* A text of `bytes` bytes, copied; NULL for NO_TEXT.  A NUL inside is bad. */
const char *record_text(struct record *r, uint32_t bytes, struct arena *a);

/* The same of one whose size, a u32, stands in front of it. */
const char *record_sized(struct record *r, struct arena *a);

static inline uint16_t load_u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t load_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t load_u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

#endif
