#include "epochd/bundle.h"

#include <errno.h>
#include <string.h>
#include <zstd.h>

#define NO_TEXT UINT32_MAX
#define PACK_LEVEL 3 /* a higher one takes more time than it saves bytes */

void bundle_head(struct buf *b)
{
	buf_put_u64(b, BUNDLE_MAGIC);
	buf_put_u32(b, BUNDLE_VERSION);
	buf_put_u32(b, 0);
}

size_t bundle_begin(struct buf *b, enum bundle_tag tag)
{
	size_t item = b->used;

	buf_put_u32(b, tag);
	buf_put_u32(b, 0);
	return item;
}

void bundle_end(struct buf *b, size_t item)
{
	uint32_t bytes = (uint32_t)(b->used - item - 8);

	memcpy(b->data + item + 4, &bytes, sizeof(bytes));
}

int bundle_pack(const struct buf *b, struct buf *out, struct err *e)
{
	size_t room = ZSTD_compressBound(b->used), n;

	if (b->used > BUNDLE_MAX_BYTES)
		return err_set(e, -EFBIG, "a layer would have %zu bytes, more than %zu", b->used,
			       BUNDLE_MAX_BYTES);
	buf_clear(out);
	n = ZSTD_compress(buf_extend(out, room), room, b->data, b->used, PACK_LEVEL);
	if (ZSTD_isError(n))
		return err_set(e, -EIO, "a layer cannot be compressed: %s", ZSTD_getErrorName(n));
	out->used = n;
	return 0;
}

int bundle_unpack(const struct buf *layer, struct buf *out, struct err *e)
{
	unsigned long long bytes = ZSTD_getFrameContentSize(layer->data, layer->used);
	size_t n;

	if (bytes == ZSTD_CONTENTSIZE_ERROR || bytes == ZSTD_CONTENTSIZE_UNKNOWN)
		return err_set(e, -EBADMSG, "a layer is not compressed as it should be");
	if (bytes > BUNDLE_MAX_BYTES)
		return err_set(e, -EFBIG, "a layer has %llu bytes, more than %zu", bytes,
			       BUNDLE_MAX_BYTES);
	buf_clear(out);
	n = ZSTD_decompress(buf_extend(out, bytes), bytes, layer->data, layer->used);
	if (ZSTD_isError(n) || n != bytes)
		return err_set(e, -EBADMSG, "a layer is not compressed as it should be");
	return 0;
}

void bundle_put_text(struct buf *b, const char *s)
{
	buf_put_u32(b, s ? (uint32_t)strlen(s) : NO_TEXT);
	if (s)
		buf_puts(b, s);
}

const uint8_t *bundle_bytes(struct bundle_reader *r, size_t bytes)
{
	const uint8_t *p = r->at;

	if (r->bad || (size_t)(r->end - r->at) < bytes) {
		r->bad = true;
		return NULL;
	}
	r->at += bytes;
	return p;
}

uint32_t bundle_u32(struct bundle_reader *r)
{
	const uint8_t *p = bundle_bytes(r, 4);
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

uint64_t bundle_u64(struct bundle_reader *r)
{
	const uint8_t *p = bundle_bytes(r, 8);
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

const char *bundle_text(struct bundle_reader *r, struct arena *a)
{
	uint32_t bytes = bundle_u32(r);
	const uint8_t *p;
	char *s;

	if (r->bad || bytes == NO_TEXT)
		return NULL;
	p = bundle_bytes(r, bytes);
	if (!p || memchr(p, 0, bytes)) {
		r->bad = true;
		return NULL;
	}
	s = arena_alloc(a, (size_t)bytes + 1);
	memcpy(s, p, bytes);
	return s;
}

size_t bundle_count(struct bundle_reader *r, size_t least)
{
	uint32_t n = bundle_u32(r);

	if (n > (size_t)(r->end - r->at) / least)
		r->bad = true;
	return r->bad ? 0 : n;
}

bool bundle_open(struct bundle_reader *r, const struct buf *b)
{
	*r = (struct bundle_reader){.at = (const uint8_t *)b->data};
	r->end = r->at + b->used;
	return bundle_u64(r) == BUNDLE_MAGIC && bundle_u32(r) == BUNDLE_VERSION &&
	       bundle_u32(r) == 0 && !r->bad;
}

bool bundle_next(struct bundle_reader *r, uint32_t *tag, struct bundle_reader *item)
{
	uint32_t bytes;

	if (r->at == r->end)
		return false;
	*tag = bundle_u32(r);
	bytes = bundle_u32(r);
	*item = (struct bundle_reader){.at = bundle_bytes(r, bytes)};
	if (r->bad)
		return false;
	item->end = item->at + bytes;
	return true;
}
