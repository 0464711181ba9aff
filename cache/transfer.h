/*
 * transfer.h - tables and strings as they are stored, out of one catalogue and into another
 *
 * For export and import (epochd/bundle.h).  A stored table is packed, or the differences from
 * another one of its object, its *base*, which is packed; what its key is the hash of is the whole
 * record that comes out of it.  So it may come from anywhere: what goes in is put together and
 * compared with its key first, and its strings must be there before it.
 *
 * The names of a table's symbols and versions are strings of the catalogue, by their own hash.
 */
#ifndef CACHE_TRANSFER_H
#define CACHE_TRANSFER_H

#include "cache/catalogue.h"

/* Of the encoding of stored tables; another version's cannot be read. */
#define TRANSFER_VERSION 2

struct transfer_table {
	uint8_t key[TABLE_KEY_BYTES];
	uint8_t base[TABLE_KEY_BYTES]; /* all zero: it has none */
	const void *bytes;
	size_t size;
};

/* One stored table; its bytes lie in the snapshot. */
int transfer_get_table(struct catalogue_read *r, const uint8_t key[TABLE_KEY_BYTES],
		       struct transfer_table *out, struct err *e);

/* Calls `each` for the keys of all strings that its record names, often more than once. */
typedef void transfer_string_fn(void *context, uint64_t string);
int transfer_each_string(struct catalogue_read *r, const struct transfer_table *t,
			 transfer_string_fn *each, void *context, struct err *e);

/*
 * Puts a table that may come from anywhere, with the base that it needs (NULL: none), unless
 * there is one of its key.  -EBADMSG: it does not give what its key is the hash of, or names a string
 * that was not put.
 */
int transfer_put_table(struct catalogue_write *w, const struct transfer_table *t,
		       const struct transfer_table *base, struct err *e);
int transfer_put_string(struct catalogue_write *w, const char *s, struct err *e);

/* Which table a stored one needs, into t->base; false: its bytes cannot be a stored table. */
bool transfer_find_base(struct transfer_table *t);

#endif
