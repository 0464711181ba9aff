/*
 * compare.h - a program's two mappings, of two epochs: what is another answer now
 *
 * Pure: it sees programs as closures of objects, and tables through whoever has them (the
 * catalogue, or the resolver just now), and fills a struct findings.  The report of `matr epoch
 * begin` and `matr epoch diff` are both made of it.
 *
 * What is the same.  An object is known by its SONAME, or the name of its file: an upgraded
 * library is the same provider, whatever its file is called now.  Where that name is found in
 * another folder, that is said once as such, not symbol by symbol; /lib and /usr/lib are
 * one folder.  A reference is known by requirer, symbol, version and relocation type.
 *
 * What is said (finding.def)
 *	broken, repaired  the program started with the stock loader and does not now; the reverse
 *	call-fails        a call that binds lazily has no provider: the program starts, and ends
 *	                  where it makes the call, unless a later dlopen provides the symbol
 *	library-moved     a library of that name, from another folder
 *	provider-moved    another object provides it; from or to NULL: nothing does (a weak
 *	                  reference, or a lazy one)
 *	shadowed          a definition that some reference would find, if another object did not
 *	                  come first; and that was found before, or was not there.  Not told are
 *	                  weak definitions and such as no reference asks for.  The other way
 *	                  round it is `unshadowed`
 * What a residual is bound to may not be known: such a reference is passed over.
 *
 * Tables are shared by programs, so each pair of them is compared once, however many programs
 * have it.  For one thread at a time.
 */
#ifndef EPOCHD_COMPARE_H
#define EPOCHD_COMPARE_H

#include "epochd/findings.h"

/* Requirer or provider in a finding: the program's own executable. */
#define COMPARE_PROGRAM "the program"

struct compare_member {
	uint64_t object_key;
	const char *path;
	const char *soname;  /* NULL: none */
	const char *request; /* NULL: the executable */
	const uint8_t *table; /* TABLE_KEY_BYTES; all zero: nothing was bound */
};

/* One side of a program.  Strings and arrays are the caller's, for the time of the call. */
struct compare_program {
	const char *path;
	unsigned reason; /* enum reason */
	const char *detail;
	const struct compare_member *members; /* [0] is the executable */
	size_t member_count;
	const struct compare_tables *tables;
	void *context; /* for these */
};

/* Where a side's tables come from.  What is got stays until the side's next call. */
struct compare_tables {
	int (*get)(void *context, const struct compare_program *p, size_t member,
		   struct catalogue_table *out, struct err *e);
	/* What a member defines; the list lives as long as the side.  -ENOENT: not known. */
	int (*exports)(void *context, const struct compare_program *p, size_t member,
		       struct catalogue_exports *out, struct err *e);
	/*
	 * False where the member surely refers to none of these symbols; `number` is the list's own,
	 * so that an answer may be kept.  NULL: not known without its table.
	 */
	bool (*may_refer)(void *context, const struct compare_program *p, size_t member,
			  const struct catalogue_exports *symbols, size_t number);
	/* Names of entry i of the table that was got last; version NULL: none. */
	int (*names)(void *context, size_t i, const char **symbol, const char **version,
		     struct err *e);
};

struct comparison {
	struct findings *findings; /* not owned */
	enum finding_kind hidden;  /* what a definition that is hidden now is said as */
	bool only_hidden;	   /* nothing else is said */
	struct hiding *hiding;	   /* hidden.c; owned */
	struct arena arena;
	struct map names;	    /* object key -> struct compare_name, in the arena */
	struct compare_pair **pairs; /* tables that were compared; owned */
	uint64_t pairs_compared, pairs_known; /* how much work it was */
};

void comparison_init(struct comparison *c, struct findings *f);
void comparison_release(struct comparison *c);

/* Both sides have the program.  0, or what a side's functions returned. */
int comparison_program(struct comparison *c, const struct compare_program *old,
		       const struct compare_program *now, struct err *e);

/*
 * What a detail says is missing ("libz.so.1", "deflate@V1"), and which object needs it; false:
 * it does not say.  Both are copied into the arena.
 */
bool compare_missing(const char *detail, struct arena *a, const char **missing,
		     const char **requirer);

#endif
