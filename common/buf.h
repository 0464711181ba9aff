/*
 * buf.h - a growing piece of memory that bytes are appended to
 *
 *	struct buf b = BUF_INIT;
 *	buf_put_u32(&b, 7);
 *	buf_put(&b, name, strlen(name));
 *	write(fd, b.data, b.used);
 *	buf_release(&b);
 *
 * Numbers are appended little-endian, whatever the machine is.  The content is
 * always followed by a NUL that does not count, so text may be used as a C
 * string.  Running out of memory ends the process (common/arena.h says why).
 */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;	 /* owned; NULL while nothing was ever put */
	size_t used;	 /* bytes of content */
	size_t capacity; /* bytes of data */
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		0                                                                                  \
	}

/* Room for `bytes` more, which the caller fills; they count at once. */
void *buf_extend(struct buf *b, size_t bytes);

void buf_put(struct buf *b, const void *from, size_t bytes);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Empty again; the memory is kept for the next content. */
void buf_clear(struct buf *b);
void buf_release(struct buf *b);

#endif
