/*
 * catalogue.h - what is known: objects, tables, programs, epochs (LMDB)
 *
 * Databases of cache.mdb (keys -> records; layouts stand in record.h):
 *
 *	objects   u64 record key -> object: path, identity, SONAME, build-id.  The record key
 *	          is a hash of the record, identity included: a library installed again with the
 *	          same bytes has the same object key and another record, so an old epoch
 *	          still tells the truth.
 *	strings   u64 hash of the bytes -> the bytes
 *	tables    16-byte hash of the whole record -> one object's bindings, independent of
 *	          the program: providers are object keys; most tables are kept as their
 *	          differences from another one of the same object
 *	programs  epoch (big-endian) + path -> everything else of a mapping
 *	epochs    epoch (big-endian) -> what the epoch was: times, counts, the system
 *	files     path -> identity and class: the scan's memory between two epochs
 *	roots     folder -> nothing; what an epoch without paths looks at
 *	exports   u64 object key -> what the object defines for others (struct catalogue_exports)
 *	meta      format version, store id, number of the last epoch
 *
 * Writing is two steps: everything is collected in memory (a `struct
 * catalogue_write`), and catalogue_write_commit() puts it into LMDB in one
 * transaction, sorted.  Commit is all or nothing, also for kill -9, a power
 * cut and a full disk.  Until then nobody sees any of it, the writer included.
 * (Of a large epoch the tables go to disk before, to bound memory; unseen as
 * well, since no program names them yet.)
 *
 * Reading is from a snapshot (`struct catalogue_read`) which never waits and
 * never changes.  Keep it short: pages that it sees cannot be used again.
 *
 * A damaged record is -EBADMSG with a sentence that names the store, the
 * database and the key; every range is checked before it is read.  Missing:
 * -ENOENT.  A reader without lock whose snapshot was overwritten: -EAGAIN.
 *
 * Threads: a catalogue_read belongs to one thread at a time.  Of the writing
 * functions catalogue_put_mapping(), catalogue_copy_program(), catalogue_put_exports() and
 * catalogue_put_files() may be called by many threads at once.
 */
#ifndef CACHE_CATALOGUE_H
#define CACHE_CATALOGUE_H

#include "cache/store.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/mapping.h"

#define TABLE_KEY_BYTES 16
#define PROGRAM_KEY_BYTES 16
#define CATALOGUE_PATH_MAX 4096 /* bytes of a path, with the NUL */

/* Providers as tables name them; every other number is an object key. */
enum { OBJECT_NONE = 0, OBJECT_EXECUTABLE = 1, OBJECT_SELF = 2 };

/* ---- reading ---- */

struct catalogue_read;

int catalogue_read_begin(struct catalogue_read **out, struct store *s, struct err *e);
void catalogue_read_end(struct catalogue_read *r);

/* One object as some program saw it.  Strings lie in the arena. */
struct catalogue_object {
	const char *path;
	const char *soname; /* NULL: none */
	const char *search_path; /* DT_RUNPATH, else DT_RPATH; NULL: none */
	struct identity identity;
	uint64_t object_key;
	uint8_t build_id[32];
	uint32_t build_id_bytes;
};

/* `record` is catalogue_program.members[].object_record. */
int catalogue_get_object(struct catalogue_read *r, uint64_t record, struct arena *a,
			 struct catalogue_object *out, struct err *e);

/*
 * A table without any program: for whoever materialises it.  The bytes belong
 * to the snapshot and are valid until the next table or mapping is got from it.
 */
struct catalogue_table {
	const uint8_t *entries; /* packed; catalogue_table_entry() reads one */
	size_t count;
	const uint8_t *providers; /* packed u64 object keys */
	size_t provider_count;
	const uint8_t *versions; /* packed u64 string keys */
	size_t version_count;
};

struct catalogue_entry {
	uint64_t offset, value;
	int64_t addend;
	uint64_t symbol;   /* string key; 0: none */
	uint64_t version;  /* string key; 0: none */
	uint64_t provider; /* object key, or OBJECT_NONE, OBJECT_EXECUTABLE, OBJECT_SELF */
	uint32_t symbol_index;
	uint16_t type;
	uint8_t kind, absolute, plt, weak, unique;
};

int catalogue_get_table(struct catalogue_read *r, const uint8_t key[TABLE_KEY_BYTES],
			struct catalogue_table *out, struct err *e);

/* Entry `i` < t->count. */
void catalogue_table_entry(const struct catalogue_table *t, size_t i, struct catalogue_entry *out);

/*
 * What an object defines, but for weak definitions, which C++ makes in many objects and means to be
 * found more than once.  Sorted numbers: the upper 40 bits are of the name's string key, the lower
 * 24 of its version's, 0 for none; enough to tell the names of one object apart.
 */
struct catalogue_exports {
	const uint64_t *list;
	size_t count;
};

#define EXPORT_VERSION_BITS 24

static inline uint64_t catalogue_export(uint64_t symbol, uint64_t version)
{
	const uint64_t low = ((uint64_t)1 << EXPORT_VERSION_BITS) - 1;

	return (symbol & ~low) | (version & low);
}

/* By object key; the list is in the arena.  -ENOENT: never kept. */
int catalogue_get_exports(struct catalogue_read *r, uint64_t object, struct arena *a,
			  struct catalogue_exports *out, struct err *e);

/* A string by its key; it lies in the snapshot until catalogue_read_end(). */
int catalogue_get_string(struct catalogue_read *r, uint64_t key, const char **out, struct err *e);

/* The key of a string; 0 for NULL. */
uint64_t catalogue_string_key(const char *s);

struct catalogue_member {
	uint64_t object_record;		/* for catalogue_get_object() */
	uint8_t table[TABLE_KEY_BYTES]; /* all zero: no table (nothing was bound) */
	uint64_t request, found_in;	/* string keys; 0: none */
	uint32_t requirer;		/* index of a member */
	uint32_t found_by;		/* enum found_by */
	uint32_t is_loader;
};

/* A program's record, without its objects and tables.  Everything lies in the arena. */
struct catalogue_program {
	const char *path;
	unsigned reason;		/* enum reason */
	const char *detail;		/* NULL: none */
	uint8_t key[PROGRAM_KEY_BYTES]; /* the image's name; all zero: never set */
	uint32_t flags;			/* the engine's own: enum program_flags */
	uint32_t needs_path, lazy_left;
	uint64_t bindings;		/* of all members together */
	struct catalogue_member *members;
	size_t member_count;
	struct fixup *fixups;
	size_t fixup_count;
};

enum program_flags {
	PROGRAM_PUBLISHED = 1,   /* the epoch holds an image of it */
	PROGRAM_LAYOUT_EXEC = 2, /* whose addresses differ at every exec */
};

int catalogue_get_program(struct catalogue_read *r, uint64_t epoch, const char *path,
			  struct arena *a, struct catalogue_program *out, struct err *e);

/*
 * Calls `each` for every program of an epoch, in the order of their paths.
 * The arena is released after every call.  A negative value ends the walk and
 * is returned.
 */
typedef int catalogue_program_fn(void *context, const struct catalogue_program *p, struct err *e);
int catalogue_each_program(struct catalogue_read *r, uint64_t epoch, catalogue_program_fn *each,
			   void *context, struct err *e);

/*
 * Rebuilds a whole mapping in the arena, with providers as closure indices.
 * `object` of the members is NULL, there are no shadows, and the value of
 * what the executable provides is 0 but for the fixups.
 */
enum catalogue_get_flags {
	CATALOGUE_NO_NAMES = 1,	   /* symbol and version stay NULL: several times quicker */
	CATALOGUE_NO_BINDINGS = 2, /* the closure only; binding_count stays 0 */
};

struct catalogue_get {
	uint64_t epoch;
	const char *path; /* canonical, as mapping.path */
	unsigned flags;	  /* enum catalogue_get_flags */
	struct arena *arena;
};

int catalogue_get_mapping(struct catalogue_read *r, const struct catalogue_get *get,
			  struct mapping *out, struct err *e);

/* ---- epochs ---- */

struct catalogue_reason_count {
	uint32_t reason; /* enum reason */
	uint32_t count;	 /* programs */
};

/*
 * One thing that changed against the epoch before, for as many programs as it concerns.
 * The lists hold the first few of what is counted.
 */
struct catalogue_finding {
	uint32_t kind;		/* the engine's own: epochd/finding.def */
	uint32_t reason;	/* enum reason, where a program does not start or did not; else 0 */
	const char *subject;	/* what it is about: a library, a symbol; NULL: the symbols listed */
	const char *requirer;	/* which object needs it; NULL: several */
	const char *from, *to;	/* where it was and where it is; NULL: nowhere */
	const char *package;	/* what owns the subject, or did; NULL: not known */
	const char *requirer_package;
	uint32_t package_gone;	/* 1: the package is not installed any more */
	uint32_t program_count, symbol_count; /* all that it concerns */
	const char **programs;	/* paths */
	const char **program_packages; /* of each; NULL: not known */
	size_t listed_programs;
	const char **symbols;	/* NAME or NAME@VERSION */
	size_t listed_symbols;
};

/* Everything that changed; arrays and strings live where the epoch's do. */
struct catalogue_findings {
	uint64_t against; /* the epoch that was compared with; 0: there was none */
	uint64_t dropped; /* findings that were too many to keep */
	struct catalogue_finding *list;
	size_t count;
};

/* What an epoch was.  Read: strings lie in the arena.  Written: only read. */
struct catalogue_epoch {
	uint64_t number;			/* 1 and up */
	uint64_t parent;			/* the epoch it took tables from; 0: none */
	uint64_t flags;				/* the engine's own */
	int64_t begun_nsec;			/* when, in ns since 1970 */
	uint64_t taken_nsec;			/* how long it took */
	uint64_t programs, eligible, published; /* looked at; without a reason; with an image */
	uint64_t resolved;			/* resolved anew, not copied from the parent */
	uint64_t libraries;			/* distinct objects that are no program */
	uint64_t tables;			/* distinct tables */
	uint64_t bindings;			/* of all programs together */
	uint64_t distinct_bindings;		/* of all distinct tables together */
	uint64_t pages_bytes;			/* size of `pages` */
	uint64_t image_bytes;			/* of all program images together */
	uint64_t cache_digest;			/* of the content of ld.so.cache; 0: none */
	const char *root;			/* "" or the folder that was taken for / */
	const char *note;			/* for people; "" or why it was begun */
	const char *loader_file;		/* name in STORE/loader; "": none */
	const char *loader_path; /* the installed ld.so, as it is found */
	struct identity loader, cache, preload; /* zero where has_... is 0 */
	uint32_t has_cache, has_preload, cpu_level;
	struct catalogue_reason_count *reasons;
	size_t reason_count;
	struct catalogue_findings findings;
};

int catalogue_get_epoch(struct catalogue_read *r, uint64_t number, struct arena *a,
			struct catalogue_epoch *out, struct err *e);

/* All epochs, oldest first; the array and all strings lie in the arena. */
int catalogue_list_epochs(struct catalogue_read *r, struct arena *a, struct catalogue_epoch **out,
			  size_t *count, struct err *e);

/* Number of the newest epoch ever committed, also when it is gone; 0: none yet. */
int catalogue_last_epoch(struct catalogue_read *r, uint64_t *out, struct err *e);

/* ---- roots and files ---- */

/* Folders in order of their names; count 0: never set, the default roots apply. */
int catalogue_list_roots(struct catalogue_read *r, struct arena *a, const char ***out,
			 size_t *count, struct err *e);

/* Each is a transaction of its own.  Adding twice and removing what is not there: *changed = 0. */
int catalogue_add_root(struct store *s, const char *folder, int *changed, struct err *e);
int catalogue_remove_root(struct store *s, const char *folder, int *changed, struct err *e);

struct catalogue_file {
	const char *path;
	struct identity identity;
	uint32_t class; /* the engine's own: not ELF, library, program, folder, ... */
	uint64_t extra; /* the engine's own, for instance an object key */
};

/* The scan's memory, in order of paths; array and paths lie in the arena. */
int catalogue_get_files(struct catalogue_read *r, struct arena *a, struct catalogue_file **out,
			size_t *count, struct err *e);

/* ---- writing ---- */

struct catalogue_write;

/* Begins to collect; needs the store's lock (-EPERM else).  One at a time per store. */
int catalogue_write_begin(struct catalogue_write **out, struct store *s, struct err *e);

/*
 * Commits and frees w, whatever the result is.  -ENOSPC: the disk is full and
 * nothing has changed.
 */
int catalogue_write_commit(struct catalogue_write *w, struct err *e);
void catalogue_write_abort(struct catalogue_write *w);

/*
 * The table key of one member: equal for all programs in which the object
 * binds equally.  A pure function, for any thread.  All zero for a member
 * without bindings.  -E2BIG: more providers or versions than a table can name;
 * -EINVAL: a provider without object key.
 */
int catalogue_table_key(const struct mapping *m, size_t member, uint8_t out[TABLE_KEY_BYTES],
			struct err *e);

/*
 * The same member's table as catalogue_get_table() would give it back, before it is kept; its
 * bytes are in `b`, entry i is binding i.  A pure function, for any thread.
 */
int catalogue_view_table(const struct mapping *m, size_t member, struct buf *b,
			 struct catalogue_table *out, struct err *e);

struct catalogue_put {
	uint64_t epoch;
	const struct mapping *mapping;
	const uint8_t (*table_keys)[TABLE_KEY_BYTES]; /* by member; NULL: computed here */
	const uint8_t *program_key;		      /* PROGRAM_KEY_BYTES, or NULL */
	uint32_t flags;				      /* enum program_flags */
};

/*
 * Keeps one program of an epoch: its record, and such objects, tables and
 * strings as are new.  Everything is copied.  -EEXIST: two different strings
 * have one key (the sentence names both); the program is not kept.
 */
int catalogue_put_mapping(struct catalogue_write *w, const struct catalogue_put *put,
			  struct err *e);

struct catalogue_copy {
	uint64_t from, to; /* epochs */
	const char *path;
	const uint8_t *program_key; /* NULL: as it was */
	uint32_t flags;		    /* the new flags */
};

/* Takes an unchanged program over into the next epoch.  -ENOENT: `from` has no such program. */
int catalogue_copy_program(struct catalogue_write *w, const struct catalogue_copy *copy,
			   struct err *e);

/* Keeps what an object of this epoch exports; copied.  From any thread. */
int catalogue_put_exports(struct catalogue_write *w, uint64_t object,
			  const struct catalogue_exports *exports, struct err *e);

int catalogue_put_epoch(struct catalogue_write *w, const struct catalogue_epoch *epoch,
			struct err *e);

/* Forgets an epoch and its programs; what only they used goes at the next sweep. */
int catalogue_drop_epoch(struct catalogue_write *w, uint64_t number, struct err *e);

/* Replaces the scan's memory as a whole; an unchanged entry costs nothing. */
int catalogue_put_files(struct catalogue_write *w, const struct catalogue_file *files, size_t count,
			struct err *e);

/* Removes tables, objects and strings that no program uses; a commit of its own. */
struct catalogue_swept {
	uint64_t tables, objects, strings, exports; /* records removed */
};
int catalogue_sweep(struct store *s, struct catalogue_swept *out, struct err *e);

#endif
