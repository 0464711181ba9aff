/*
 * bundle.h - the bytes of an exported epoch's layers
 *
 * A *bundle* is one layer of the artifact (oci.h), compressed: a head, then items, each a tag, its size in
 * bytes and its payload; all integers are little-endian.
 *
 *	head      u64 magic, u32 BUNDLE_VERSION, u32 0
 *	item      u32 tag, u32 bytes, payload
 *	OBJECT    u64 object key, u64 size of the file, u32 bytes of build-id, build-id (32),
 *	          text path, text SONAME, text search path
 *	TABLE     table key (16), then the table as the catalogue stores it (cache/transfer.h); a
 *	          table's base comes before it, in the same bundle
 *	STRING    its bytes, without NUL
 *	PROGRAM   u32 members, u32 fixups, text path; per member: u64 object key,
 *	          table key (16), u32 requirer, found_by, is_loader, text request, text found_in;
 *	          per fixup: u32 member, u32 binding, u64 value
 *	text      u32 bytes or all ones for none, the bytes without NUL
 *
 * What belongs to objects is spread over bundles by the hash of the object's path, programs by
 * that of theirs: so a changed library changes few bundles, and all others have the same bytes and
 * the same digest in the next epoch's artifact.
 *
 * Reading: a bundle and each of its items is a record (common/record.h), a text what record_sized
 * reads.
 */
#ifndef EPOCHD_BUNDLE_H
#define EPOCHD_BUNDLE_H

#include "common/buf.h"
#include "common/err.h"
#include "common/record.h"

#include <stdbool.h>
#include <stdint.h>

#define BUNDLE_MAGIC 0x0031444e4254414dull /* "MATBND1\0" */
#define BUNDLE_VERSION 1u
#define BUNDLE_MAX_BYTES ((size_t)256 << 20)

enum bundle_tag {
	BUNDLE_OBJECT = 1,
	BUNDLE_TABLE = 2,
	BUNDLE_STRING = 3,
	BUNDLE_PROGRAM = 4,
};

/* ---- writing: an item's payload is what is appended between the two calls ---- */

void bundle_head(struct buf *b);
size_t bundle_begin(struct buf *b, enum bundle_tag tag);
void bundle_end(struct buf *b, size_t item);
void bundle_put_text(struct buf *b, const char *s); /* NULL: none */

/* As it goes into a layer; -EFBIG: it is larger than what bundle_unpack takes. */
int bundle_pack(const struct buf *b, struct buf *out, struct err *e);

/* ---- reading ---- */

/* -EBADMSG: these are not the bytes of a layer; -EFBIG: it would be more than BUNDLE_MAX_BYTES. */
int bundle_unpack(const struct buf *layer, struct buf *out, struct err *e);

/* False: the bytes do not begin as a bundle of this version does. */
bool bundle_open(struct record *r, const struct buf *b);

/* The next item; false at the end, or `bad`. */
bool bundle_next(struct record *r, uint32_t *tag, struct record *item);

/* How many elements of at least `least` bytes follow; more than there is room for is bad. */
size_t bundle_count(struct record *r, size_t least);

#endif
