/*
 * verify.h - the parts of `matr verify`
 *
 * The oracle is the installed loader itself.  A program is started and
 * stopped, three times, when ld.so has relocated everything (tracee.h):
 *
 *	lazy  stock, as users start it
 *	now   stock with LD_BIND_NOW=1, and LD_DEBUG=bindings for the providers
 *	matr  through MatR, with LD_MATR_REQUIRE=1
 *
 * verify_snapshot.c takes a picture of every relocated word of a stopped
 * program.  verify_compare.c compares pictures, word for word, by meaning: an
 * address is an object and an offset in it, wherever the object lies.
 * verify_providers.c compares what LD_DEBUG=bindings told with the mapping.
 * verify_program.c does all that for one program; verify_pool.c for many, on
 * all cores; cmd_verify.c prints.
 *
 * A program is skipped under a name of reason.def, or one of: "timeout",
 * "does-not-start" (stock itself ends it), "no-event".
 *
 * All results of one program lie in its arena.
 */
#ifndef MATR_VERIFY_H
#define MATR_VERIFY_H

#include "common/arena.h"
#include "common/err.h"
#include "common/mapping.h"
#include "matr-ld/object.h"
#include "matr/tracee.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- parsed files, kept by one worker ---- */

struct object_cache;

struct object_cache *object_cache_new(void);
void object_cache_free(struct object_cache *c);
/*
 * Between two programs, when no picture is left: forgets `program` itself,
 * which no other program needs, and everything when it is too much.
 */
void object_cache_trim(struct object_cache *c, const char *program);
/* The content of a cached object's writable segments; kept like the object.  NULL: gone. */
const struct object_data *object_cache_data(struct object_cache *c, const struct object *o);
/* The parsed file, as it is now; owned by the cache, also when the file changes later. */
const struct object *object_cache_get(struct object_cache *c, const char *path, struct err *e);

/* ---- pictures ---- */

enum picture_kind {
	PICTURE_PROGRAM = 0,
	PICTURE_LIBRARY,
	PICTURE_LOADER, /* ld.so itself: its path differs between stock and MatR */
	PICTURE_VDSO,
};

/* One object of a stopped program. */
struct picture_object {
	const char *name; /* path as ld.so has it; "loader" and "vdso" for these */
	enum picture_kind kind;
	uint64_t base;		     /* l_addr: run-time address = base + link-time address */
	uint64_t start, end;	     /* run-time addresses of its first page and behind its last */
	const struct object *object; /* NULL for the vdso */
	const struct object_data *data; /* what the file has there; NULL: unknown */
	const uint8_t *
	    *segments; /* memory of each writable PT_LOAD's file part, by program header */
	const uint8_t *
	    *copies; /* per relocation of object.rela: bytes of a COPY, else NULL; NULL: none */
};

/* A range of memory that belongs to no object. */
struct picture_range {
	uint64_t start, end;
	const char *class; /* "stack", "heap", "anonymous", a path */
};

struct picture {
	struct picture_object *objects; /* in load order */
	size_t count;
	uint32_t *by_address; /* indices into objects, in order of start */
	struct picture_range *ranges;
	size_t range_count;
};

/* Takes the picture of a stopped program; afterwards it may die. */
int picture_take(struct picture *p, const struct tracee *t, struct object_cache *c,
		 const char *program, struct arena *a, struct err *e);

/*
 * Objects that an address may belong to: the one whose pages it is in, and one
 * that ends exactly there (a pointer behind the last byte is a pointer into
 * the object).  Indices into objects; returns how many, at most 2.
 */
unsigned picture_owners(const struct picture *p, uint64_t address, uint32_t owners[2]);

/* The class of a range that belongs to no object; NULL: nothing is mapped there. */
const char *picture_class(const struct picture *p, uint64_t address);

/*
 * Do `a` in picture p and `b` in picture q mean the same: one object and
 * offset, or, where neither is in an object, one number or one distance from an
 * object?  The pictures have the same objects in the same order.
 */
bool picture_same_meaning(const struct picture *p, uint64_t a, const struct picture *q, uint64_t b);

/* Are both on the stack, or both in memory of ld.so's allocator?  These differ from run to run. */
bool picture_same_class(const struct picture *p, uint64_t a, const struct picture *q, uint64_t b);

/* An address for people: "libc.so.6+0x1a2b", "stack", or the number. */
const char *picture_describe(const struct picture *p, uint64_t address, struct arena *a);

/* The 8 bytes at a link-time address of an object; false where they are not in the picture. */
bool picture_word(const struct picture_object *o, uint64_t vaddr, uint64_t *out);

/* ---- results ---- */

struct verify_difference {
	const char *object; /* where the word is: path, "loader"; the program itself too */
	uint64_t offset;    /* link-time address of the word; 0 where it is not about a word */
	const char *symbol; /* "": none */
	const char *what;   /* "word", "copy", "bytes", "provider", "closure", "start" */
	const char *stock;  /* what stock has there, for people */
	const char *matr;   /* what MatR has there */
};

enum verify_outcome {
	VERIFY_SAME = 1,
	VERIFY_DIFFERENT,
	VERIFY_SKIPPED,
	VERIFY_FAILED, /* the comparison itself could not be done */
};

struct verify_result {
	const char *path;
	enum verify_outcome outcome;
	const char *reason;   /* skipped: a name of reason.def, or one of verify's own */
	const char *sentence; /* skipped or failed: for people */
	uint64_t objects;     /* compared */
	uint64_t words;	      /* relocated words compared */
	uint64_t lazy;	      /* of these: slots that are still lazy under MatR */
	uint64_t unchecked;   /* slots bound by MatR that stock refuses to bind at start */
	uint64_t providers;   /* bindings compared with LD_DEBUG=bindings; 0: no such list */
	uint64_t bytes;	      /* bytes of segments, not relocated, compared */
	const struct verify_difference *differences; /* the first VERIFY_DIFFERENCES_MAX */
	size_t kept;				     /* of these */
	uint64_t difference_count;		     /* all */
};

#define VERIFY_DIFFERENCES_MAX 100

/* Adds one to a result; formats in its arena. */
struct verify_report {
	struct verify_result *result;
	struct arena *arena;
};
void verify_differ(struct verify_report *r, const struct verify_difference *d);

/* ---- comparing ---- */

/* One relocated word of an object, from any of its tables. */
struct verify_word {
	uint64_t offset; /* link-time address */
	uint32_t type;	 /* R_X86_64_*; RELR words are R_X86_64_RELATIVE */
	uint32_t symbol; /* index in the dynamic symbol table; 0: none */
	bool slot;	 /* of DT_JMPREL: may stay lazy */
	size_t rela;	 /* index in object.rela; SIZE_MAX elsewhere */
};
typedef void verify_word_fn(void *context, const struct verify_word *w);

/* Calls `each` for every relocation of the object that changes memory. */
void verify_each_word(const struct object *o, verify_word_fn *each, void *context);

struct verify_pictures {
	const struct picture *lazy; /* stock */
	const struct picture *now;  /* stock, LD_BIND_NOW; NULL: stock refuses to start so */
	const struct picture *matr;
};
void verify_compare(const struct verify_pictures *p, struct verify_report *r);

/*
 * Compares what no relocation touches of object `index` in the stock (lazy) and
 * in the MatR picture: under MatR other pages are mapped there, which must hold
 * the file's bytes.
 */
void verify_other_bytes(const struct verify_pictures *p, uint32_t index, struct verify_report *r);

/* Is that a file name of the loader, or of a shim in front of it? */
bool verify_names_loader(const char *name);

/* `talk` is what LD_DEBUG=bindings wrote; it is cut into pieces. */
void verify_providers(const struct mapping *m, char *talk, struct verify_report *r);

/* ---- programs ---- */

struct verify_worker; /* what a process keeps from program to program */

struct verify_options {
	const char *store; /* absolute, or NULL: none, resolve now */
	const char *shim;  /* absolute */
	const char *loader; /* the installed one, as loader_find() has it */
	unsigned timeout;  /* seconds per start */
};

int verify_worker_open(struct verify_worker **out, const struct verify_options *o, struct err *e);
void verify_worker_close(struct verify_worker *w);

/* Always yields a result; it lies in the arena. */
void verify_program(struct verify_worker *w, const char *path, struct arena *a,
		    struct verify_result *out);

/*
 * Results as JSON, schema 1: between the processes of a pool, and for users.
 * verify_from_json() yields a result that lies in the arena; false: no result.
 */
json_t *verify_to_json(const struct verify_result *r);
bool verify_from_json(const json_t *j, struct arena *a, struct verify_result *out);

/* Verifies all paths, on `processes` processes; `each` is called in the caller's. */
typedef void verify_each(void *context, const struct verify_result *r, size_t done, size_t all);
struct verify_job {
	const struct verify_options *options;
	const char *const *paths;
	size_t count;
	unsigned processes;
	verify_each *each;
	void *context;
};
int verify_pool(const struct verify_job *job, struct err *e);

#endif
