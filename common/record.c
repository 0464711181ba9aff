#include "common/record.h"

const uint8_t *record_bytes(struct record *r, size_t bytes)
{
	const uint8_t *p = r->at;

	if (r->bad || (size_t)(r->end - r->at) < bytes) {
		r->bad = true;
		return NULL;
	}
	r->at += bytes;
	return p;
}

uint8_t record_u8(struct record *r)
{
	const uint8_t *p = record_bytes(r, 1);

	return p ? *p : 0;
}

uint32_t record_u32(struct record *r)
{
	const uint8_t *p = record_bytes(r, 4);

	return p ? load_u32(p) : 0;
}

uint64_t record_u64(struct record *r)
{
	const uint8_t *p = record_bytes(r, 8);

	return p ? load_u64(p) : 0;
}

const char *record_text(struct record *r, uint32_t bytes, struct arena *a)
{
	const uint8_t *p;
	char *s;

	if (bytes == NO_TEXT)
		return NULL;
	p = record_bytes(r, bytes);
	if (!p)
		return NULL;
	if (memchr(p, 0, bytes)) {
		r->bad = true;
		return NULL;
	}
	s = arena_alloc(a, (size_t)bytes + 1);
	memcpy(s, p, bytes);
	return s;
}

const char *record_sized(struct record *r, struct arena *a)
{
	return record_text(r, record_u32(r), a);
}
