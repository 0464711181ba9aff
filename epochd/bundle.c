#include "epochd/bundle.h"

#include <errno.h>
#include <string.h>
#include <zstd.h>

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

size_t bundle_count(struct record *r, size_t least)
{
	uint32_t n = record_u32(r);

	if (n > (size_t)(r->end - r->at) / least)
		r->bad = true;
	return r->bad ? 0 : n;
}

bool bundle_open(struct record *r, const struct buf *b)
{
	*r = (struct record){.at = (const uint8_t *)b->data};
	r->end = r->at + b->used;
	return record_u64(r) == BUNDLE_MAGIC && record_u32(r) == BUNDLE_VERSION &&
	       record_u32(r) == 0 && !r->bad;
}

bool bundle_next(struct record *r, uint32_t *tag, struct record *item)
{
	uint32_t bytes;

	if (r->at == r->end)
		return false;
	*tag = record_u32(r);
	bytes = record_u32(r);
	*item = (struct record){.at = record_bytes(r, bytes)};
	if (r->bad)
		return false;
	item->end = item->at + bytes;
	return true;
}
