#include "cache/record.h"

#include <xxhash.h>

void record_identity(struct record *r, struct identity *id)
{
	id->dev = record_u64(r);
	id->ino = record_u64(r);
	id->size = record_u64(r);
	id->mtime_sec = (int64_t)record_u64(r);
	id->ctime_sec = (int64_t)record_u64(r);
	id->mtime_nsec = record_u32(r);
	id->ctime_nsec = record_u32(r);
}

static uint32_t checksum(const void *data, size_t bytes)
{
	return (uint32_t)XXH3_64bits(data, bytes);
}

bool record_open(struct record *r, enum database db, const void *data, size_t bytes)
{
	const uint8_t *p = data;

	*r = (struct record){.at = p + RECORD_HEADER, .end = p + bytes};
	if (bytes < RECORD_HEADER || p[0] != RECORD_VERSION || p[1] != db || load_u16(p + 2) ||
	    load_u32(p + 4) != checksum(p + RECORD_HEADER, bytes - RECORD_HEADER)) {
		*r = (struct record){.bad = true};
		return false;
	}
	return true;
}

void record_begin(struct buf *b, enum database db)
{
	buf_put_u8(b, RECORD_VERSION);
	buf_put_u8(b, db);
	buf_put_u16(b, 0);
	buf_put_u32(b, 0);
}

void record_finish(struct buf *b, size_t start)
{
	uint8_t *p = (uint8_t *)b->data + start;
	uint32_t sum = checksum(p + RECORD_HEADER, b->used - start - RECORD_HEADER);

	memcpy(p + 4, &sum, sizeof(sum));
}

void put_identity(struct buf *b, const struct identity *id)
{
	buf_put_u64(b, id->dev);
	buf_put_u64(b, id->ino);
	buf_put_u64(b, id->size);
	buf_put_u64(b, (uint64_t)id->mtime_sec);
	buf_put_u64(b, (uint64_t)id->ctime_sec);
	buf_put_u32(b, id->mtime_nsec);
	buf_put_u32(b, id->ctime_nsec);
}

void put_text_size(struct buf *b, const char *s)
{
	buf_put_u32(b, s ? (uint32_t)strlen(s) : NO_TEXT);
}

void put_text(struct buf *b, const char *s)
{
	if (s)
		buf_puts(b, s);
}

uint64_t string_key(const char *s)
{
	uint64_t h;

	if (!s)
		return 0;
	h = XXH3_64bits(s, strlen(s));
	return h ? h : 1;
}

size_t path_key(uint8_t *out, const char *path)
{
	size_t n = strlen(path);
	uint64_t h;

	if (n <= PATH_KEY_MAX - 9) {
		memcpy(out, path, n);
		return n;
	}
	memcpy(out, path, PATH_KEY_MAX - 9);
	/* No path holds a NUL, so no short path has a long one's key. */
	out[PATH_KEY_MAX - 9] = 0;
	h = XXH3_64bits(path, n);
	memcpy(out + PATH_KEY_MAX - 8, &h, sizeof(h));
	return PATH_KEY_MAX;
}

void epoch_key(uint8_t out[8], uint64_t epoch)
{
	int i;

	for (i = 0; i < 8; i++)
		out[i] = (uint8_t)(epoch >> (56 - 8 * i));
}

uint64_t epoch_from_key(const uint8_t in[8])
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | in[i];
	return v;
}

size_t program_db_key(uint8_t out[PROGRAM_DB_KEY_MAX], uint64_t epoch, const char *path)
{
	epoch_key(out, epoch);
	return 8 + path_key(out + 8, path);
}
