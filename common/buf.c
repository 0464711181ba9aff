#include "common/buf.h"

#include "common/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *buf_extend(struct buf *b, size_t bytes)
{
	size_t need = b->used + bytes + 1;
	void *p;

	if (need > b->capacity) {
		b->capacity = b->capacity * 2 > need ? b->capacity * 2 : need + 64;
		b->data = xrealloc(b->data, b->capacity);
	}
	p = b->data + b->used;
	b->used += bytes;
	b->data[b->used] = 0;
	return p;
}

void buf_put(struct buf *b, const void *from, size_t bytes)
{
	void *to = buf_extend(b, bytes);

	if (bytes)
		memcpy(to, from, bytes);
}

static void put_little_endian(struct buf *b, uint64_t v, unsigned bytes)
{
	unsigned char *p = buf_extend(b, bytes);
	unsigned i;

	for (i = 0; i < bytes; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

void buf_put_u8(struct buf *b, uint8_t v)
{
	put_little_endian(b, v, 1);
}

void buf_put_u16(struct buf *b, uint16_t v)
{
	put_little_endian(b, v, 2);
}

void buf_put_u32(struct buf *b, uint32_t v)
{
	put_little_endian(b, v, 4);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
	put_little_endian(b, v, 8);
}

void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	/* vsnprintf writes the NUL that buf_extend has room for. */
	to = buf_extend(b, (size_t)n);
	va_start(ap, format);
	vsnprintf(to, (size_t)n + 1, format, ap);
	va_end(ap);
}

void buf_clear(struct buf *b)
{
	b->used = 0;
	if (b->data)
		b->data[0] = 0;
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf)BUF_INIT;
}
