/*
 * reuse.h - what an epoch may take over from the one before
 *
 * A program's bindings are a function of its closure: of which files, in which
 * order, with which content.  So the closure is found again (quick: no symbol
 * is looked up), and where it is what the parent's record says, the record's
 * tables are taken instead of resolving.
 *
 * The closure in turn is a function of its own files, of the system (the content of
 * ld.so.cache, ld.so.preload, the loader, the processor's level) and of what is absent
 * from search paths (guard.h).  Where none of these moved, not even closures are
 * looked at, only the files: that is how an epoch knows which programs it can
 * take over as they are, with their images, and whether nothing has changed at all.
 */
#ifndef EPOCHD_REUSE_H
#define EPOCHD_REUSE_H

#include "cache/catalogue.h"
#include "epochd/guard.h"
#include "epochd/program.h"
#include "matr-ld/resolve.h"

struct reuse;

/*
 * The upper half of catalogue_epoch.flags is the policy's hash: another policy (matr.conf)
 * makes another epoch, but of the same tables.
 */
#define REUSE_POLICY_SHIFT 32

/*
 * Reads the parent epoch.  *out is NULL where nothing can be reused: no
 * parent, or the system or the options differ.
 */
int reuse_open(struct reuse **out, struct store *s, const struct resolver_system *system,
	       const struct catalogue_epoch *wanted, struct err *e);
void reuse_close(struct reuse *r);

const struct catalogue_epoch *reuse_parent(const struct reuse *r);

/*
 * True where the parent has this program, its search folders hold what they
 * held, and every file of its closure is as it was; *out is then the parent's
 * record, in the arena.  Asks only for the files' identities; false is no proof
 * of the contrary.
 */
bool reuse_untouched(struct reuse *r, const char *path, struct arena *a,
		     struct catalogue_program *out);

/* The same where the parent found this very closure, or refused the program in the same words. */
bool reuse_same_closure(struct reuse *r, const struct mapping *now, struct arena *a,
			struct catalogue_program *out);

/*
 * ld.so.cache is another file than the parent's, with whatever content (ldconfig writes it
 * anew each time): images that are taken over must get its identity.
 */
bool reuse_cache_moved(const struct reuse *r);

/* The object key behind a record that one of these gave; 0: it cannot be read. */
uint64_t reuse_object_key(struct reuse *r, uint64_t record);

/* Shows a stored table to `look`; false: there is none. */
typedef void reuse_look_fn(void *context, const struct catalogue_table *t);
bool reuse_table(struct reuse *r, const uint8_t key[TABLE_KEY_BYTES], reuse_look_fn *look,
		 void *context);

/* Takes over the parent's guard as far as it was asked and holds. */
void reuse_keep_guard(struct reuse *r, struct guard *g);

/*
 * The parent's mapping of a program whose closure is `now`, in the arena, with
 * now's objects, and the table key of each member.  False: it has another one,
 * or its record cannot be read; the resolver has the last word.  From any
 * thread.
 */
bool reuse_mapping(struct reuse *r, const struct mapping *now, struct arena *a,
		   struct mapping *out, const uint8_t (**keys)[TABLE_KEY_BYTES]);

#endif
