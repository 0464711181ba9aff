/*
 * internal.h - what the files of cache/ share; nobody else includes it
 *
 * The only place besides them where LMDB is known.
 */
#ifndef CACHE_INTERNAL_H
#define CACHE_INTERNAL_H

#include "cache/catalogue.h"
#include "cache/record.h"
#include "cache/store.h"
#include "common/map.h"

#include <lmdb.h>
#include <pthread.h>

struct store {
	char *dir;	/* absolute */
	char *mdb_path; /* of cache.mdb */
	int dirfd;
	int lock_fd; /* STORE/lock while it is held, else -1 */
	unsigned lock_depth;
	MDB_env *env;
	MDB_dbi dbi[DB_COUNT];
	uint64_t id;
	size_t map_bytes;
	bool shared, portable, read_only;
	bool no_lock;	       /* opened without LMDB's lock file: snapshots may be overwritten */
	bool writing;	       /* a catalogue_write exists */
	unsigned snapshots;    /* open catalogue_reads; the map may only be resized at 0 */
	pthread_mutex_t mutex; /* over lock_depth, writing, snapshots, map_bytes */
};

struct catalogue_read {
	struct store *store;
	MDB_txn *txn;
	size_t txn_id;
	const uint8_t *map, *map_end; /* where the file's pages lie in memory */
	struct buf expanded; /* the last table that was unpacked */
	struct buf base;     /* and what it was differences from */
};

/* -ENOTEMPTY: the folder has no catalogue, and holds what is not MatR's; names one such file. */
int folder_may_become_store(const struct store *s, struct err *e);

/* Puts an LMDB code into an error: "cannot WHAT '/store/cache.mdb': ..."; never 0. */
int store_fail(const struct store *s, int mdb_code, const char *what, struct err *e);

/*
 * Walks LMDB's pages as `txn` sees them, before anything follows them.
 * -EBADMSG: damaged.  See structure.c.
 */
int meta_check(struct store *s, struct err *e); /* before LMDB opens the file */
int structure_check(struct store *s, MDB_txn *txn, struct err *e);

const char *db_name(enum database db);

/* -EBADMSG naming store, database and key. */
int record_damaged(const struct store *s, enum database db, const MDB_val *key, struct err *e);

/* Doubles the map after MDB_MAP_FULL or MDB_MAP_RESIZED; no transaction may be open. */
int store_grow(struct store *s, struct err *e);

/*
 * One record of the snapshot.  0, -ENOENT (e is set too, "no such ..."), or
 * another error.  The value lies in the snapshot.
 */
int read_record(struct catalogue_read *r, enum database db, const MDB_val *key, MDB_val *value,
		struct err *e);

/*
 * mdb_cursor_get() in a snapshot, with MDB_CORRUPTED for what does not lie
 * wholly in the file: LMDB believes the sizes in its pages, and a damaged one
 * would lead behind the last page, which is a bus error.
 */
int read_step(struct catalogue_read *r, MDB_cursor *cursor, MDB_val *key, MDB_val *value,
	      MDB_cursor_op op);

/* 0, or -EAGAIN where this reader without lock may have seen reused pages; ends every read. */
int read_verify(struct catalogue_read *r, int code, struct err *e);

/* Decodes a program's record; `key` is what it was found under. */
int program_decode(struct catalogue_read *r, const MDB_val *key, const MDB_val *value,
		   struct arena *a, struct catalogue_program *out, struct err *e);

/* Calls walk->each for the programs whose keys begin with prefix; empty: of all epochs. */
struct program_walk {
	catalogue_program_fn *each;
	void *context;
};
int read_programs(struct catalogue_read *r, const MDB_val *prefix, struct program_walk *walk,
		  struct err *e);

/* A change that waits for the commit. */
struct pending {
	const uint8_t *key;
	const uint8_t *data; /* NULL: delete */
	uint16_t key_bytes;
	uint16_t is_new; /* content-addressed: one that is there already stays */
	uint32_t order;	 /* in time, so that the last of several changes counts */
	size_t data_bytes;
};

struct pending_list {
	struct pending *items;
	size_t count, capacity;
	size_t done; /* items before this one were written by a flush already */
};

/* In place of an index into a pending list: the record is in the snapshot. */
#define PENDING_STORED UINT64_MAX

/* A whole table that others of its object are kept as differences from. */
struct table_base {
	uint8_t key[TABLE_KEY_BYTES];
	MDB_val record; /* as stored, as long as the write lasts; mv_data NULL: not read yet */
};

struct catalogue_write {
	struct store *store;
	struct catalogue_read *snapshot; /* the state before this write */
	struct arena arena;		 /* keys and data of pending changes */
	struct arena tables;		 /* the same of tables, which are most of it */
	struct pending_list lists[DB_COUNT];
	/*
	 * Which content-addressed records are known, of objects, strings, tables: the first 8 bytes
	 * of the key -> index into the pending list, or PENDING_STORED.
	 */
	struct map known[DB_COUNT];
	struct map bases; /* object key -> struct table_base, in the arena */
	struct buf scratch;
	uint64_t last_epoch; /* highest number put; 0: none */
	pthread_mutex_t mutex;
};

/* Collects a change; key and data are copied.  data NULL: delete. */
void pend(struct catalogue_write *w, enum database db, const MDB_val *key, const MDB_val *data);

/*
 * The same for a content-addressed record, unless it is pending or stored
 * already.  -EEXIST where another record has its key.
 */
int pend_new(struct catalogue_write *w, enum database db, const MDB_val *key, const MDB_val *data,
	     struct err *e);

/*
 * Writes objects, strings and tables ahead of the commit where they have
 * become many, to bound memory.  Nobody sees them before a program names them;
 * what a crash leaves of them the next sweep takes away.
 */
int flush_if_large(struct catalogue_write *w, struct err *e);

/* -EIO where a flush could not take a new snapshot: nothing more can be done with w. */
int check_snapshot(const struct catalogue_write *w, struct err *e);

/* 1: pending or stored already. */
int is_known(struct catalogue_write *w, enum database db, const MDB_val *key);

/* Appends the canonical record of one member's bindings (record.h). */
int table_encode(const struct mapping *m, size_t member, struct buf *b, struct err *e);

/* Splits a table's record; false: damaged. */
bool table_open(struct catalogue_table *t, const uint8_t key[TABLE_KEY_BYTES], const void *data,
		size_t bytes);

struct table_base;

/* The same without looking at the hash. */
bool table_split(struct catalogue_table *t, const void *data, size_t bytes);

/*
 * delta.c: a table's record as its differences from another one's, which is given as it is
 * stored; false: too different, or not the same again when put together.
 */
bool delta_encode(const struct buf *whole, const struct table_base *base, struct buf *out);

/* Appends the whole record; false: damaged.  The table's key still has to be compared. */
bool delta_expand(const MDB_val *record, const struct catalogue_table *base, struct buf *out);

/* pack.c: the whole record as it is stored, and back; false: damaged. */
bool table_pack(const struct buf *whole, struct buf *out);
bool table_unpack(const MDB_val *record, struct buf *out);

/* How a stored record is stored. */
static inline unsigned stored_as(const MDB_val *record)
{
	const uint8_t *p = record->mv_data;

	return record->mv_size < TRAILER_BYTES ? STORED_WHOLE
					       : p[record->mv_size - TRAILER_BYTES + 9];
}

/* Of a stored record of differences: from which table, how many; one's index and strings. */
const uint8_t *delta_base(const MDB_val *record); /* NULL: damaged, or a whole one */
size_t delta_count(const MDB_val *record);
size_t delta_index(const MDB_val *record, size_t i);
uint64_t delta_symbol(const MDB_val *record, size_t i);
uint64_t delta_version(const MDB_val *record, size_t i);

/* findings.c: the last part of an epoch's record; sets r->bad where it is damaged. */
void put_findings(struct buf *b, const struct catalogue_findings *f);
void record_findings(struct record *r, struct catalogue_findings *f, struct arena *a);

/* meta.c: the one record of meta, which store.c makes and write.c replaces. */
#define CATALOGUE_VERSION 5

struct store_meta {
	uint64_t id, last_epoch;
	uint32_t version; /* read: of the catalogue; written: CATALOGUE_VERSION */
	uint32_t flags;   /* META_* */
};

enum { META_PORTABLE = 1 };

void meta_encode(struct buf *b, const struct store_meta *m);
bool meta_decode(const MDB_val *value, struct store_meta *m); /* false: damaged */
extern const MDB_val meta_key;

#endif
