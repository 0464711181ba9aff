/*
 * record.h - the bytes of a record in cache.mdb (private to cache/); common/record.h reads them
 *
 * Little-endian, fixed width, no padding but what is named.  Three ways to
 * notice damage: strings, objects and tables are named by a hash of their
 * bytes; all other records begin with
 *
 *	0  u8   record version (RECORD_VERSION)
 *	1  u8   enum database
 *	2  u16  0
 *	4  u32  low half of XXH3-64 over everything behind it
 *
 * object (key: XXH3-64 of it)
 *	0  u8 version, 3 bytes 0, u32 bytes of build-id   8  u64 object key
 *	16 identity (48)                                  64 build-id (32)
 *	96 u32 bytes of path, u32 of SONAME or NO_TEXT, u32 of search path or NO_TEXT, u32 0;
 *	then path, SONAME, search path
 *
 * table (key: XXH3-128 of it), readable from its end so that it can be hashed
 * while it is made
 *	count * 44 entries, providers * u64, versions * u64, then the trailer:
 *	u32 count, u16 providers, u16 versions, u8 version, 7 bytes 0
 *	entry: 0 offset, 8 value, 16 addend, 24 symbol key, 32 u32 symbol index, 36 u16 type,
 *	38 u16 provider, 40 u16 version (indices; NO_INDEX: none), 42 u8 kind, 43 u8 flags
 *	That is what the key is the hash of.  Stored it is packed (pack.c), with a trailer of
 *	8 bytes 0, u8 version, u8 2, 6 bytes 0; or, where it differs little from another
 *	table: count * 64 differences, table key of that one (16), trailer with u8 1
 *	difference: 0 u32 index, 4 u32 symbol index, 8 offset, 16 value, 24 addend, 32 symbol
 *	key, 40 provider key, 48 version key, 56 u16 type, 58 u8 kind, 59 u8 flags, 60 u32 0
 *
 * program (behind the header)
 *	u32 reason, flags, needs_path, lazy_left; program key (16); u64 bindings;
 *	u32 members, fixups, bytes of path, bytes of detail or NO_TEXT;
 *	members * 56: u64 object record, table key (16), u64 request, u64 found_in,
 *	u32 requirer, found_by, is_loader, 0;
 *	fixups * 16: u32 member, u32 binding, u64 value; path; detail
 *
 * exports (behind the header): sorted u64s
 *
 * epoch, file, root, meta: see the functions that write them, each of which
 * has its reader beside it.
 */
#ifndef CACHE_RECORD_H
#define CACHE_RECORD_H

#include "common/buf.h"
#include "common/identity.h"
#include "common/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RECORD_VERSION 2
#define RECORD_HEADER 8
#define NO_INDEX UINT16_MAX
#define ENTRY_BYTES 44
#define TRAILER_BYTES 16
#define DIFFERENCE_BYTES 64

/* How a table is stored: byte 9 of its trailer, which is 0 in the whole record. */
enum { STORED_WHOLE = 0, STORED_DIFFERENCES = 1, STORED_PACKED = 2 };
#define MEMBER_BYTES 56
#define FIXUP_BYTES 16

enum entry_flags { ENTRY_ABSOLUTE = 1, ENTRY_PLT = 2, ENTRY_WEAK = 4, ENTRY_UNIQUE = 8 };

enum database {
	DB_META,
	DB_OBJECTS,
	DB_STRINGS,
	DB_TABLES,
	DB_PROGRAMS,
	DB_EPOCHS,
	DB_FILES,
	DB_ROOTS,
	DB_EXPORTS,
	DB_COUNT,
};

void record_identity(struct record *r, struct identity *id);

/* Checks header and checksum; false: damaged. */
bool record_open(struct record *r, enum database db, const void *data, size_t bytes);

/* Appends a header; when all is appended, fills in the checksum of what began at `start`. */
void record_begin(struct buf *b, enum database db);
void record_finish(struct buf *b, size_t start);

void put_identity(struct buf *b, const struct identity *id);
void put_text_size(struct buf *b, const char *s); /* u32, NO_TEXT for NULL */
void put_text(struct buf *b, const char *s);

/* Key of a string: XXH3-64 of its bytes, never 0; 0 for NULL. */
uint64_t string_key(const char *s);

/*
 * A path as a key of at most PATH_KEY_MAX bytes behind `prefix`: LMDB's keys
 * end at 511 bytes, so the tail of a longer path gives way to a hash of all of it.
 */
#define PATH_KEY_MAX 480
size_t path_key(uint8_t *out, const char *path);

/* Epoch (big-endian, so that keys sort by number) and path; returns the bytes. */
#define PROGRAM_DB_KEY_MAX (8 + PATH_KEY_MAX)
void epoch_key(uint8_t out[8], uint64_t epoch);
uint64_t epoch_from_key(const uint8_t in[8]);
size_t program_db_key(uint8_t out[PROGRAM_DB_KEY_MAX], uint64_t epoch, const char *path);

#endif
