/*
 * materialise.h - a table and addresses in, words and residuals out
 *
 * Turns one object's relocations (its RELATIVE and RELR words, and the
 * bindings of a table) into the list of words that image/apply.h writes, the
 * residual relocations that ld.so still does, and the edits of .dynamic which
 * tell ld.so so.  Pure.
 *
 * Words of a library are run-time addresses and final values.  Words of the
 * executable are link-time addresses; those whose value moves with it are
 * kept apart (`relative`).
 */
#ifndef EPOCHD_MATERIALISE_H
#define EPOCHD_MATERIALISE_H

#include "epochd/layout.h"
#include "epochd/tables.h"
#include "image/format.h"

/* moves[i]: the value of at[i] is an address of the layout, which a slide moves (layout=exec). */
struct words {
	struct matr_word *at;
	bool *moves;
	size_t count, capacity;
};

void words_release(struct words *w);

struct residuals {
	Elf64_Rela *at;
	size_t count, capacity;
};

struct materialised {
	struct words words;      /* library: all; executable: absolute values */
	struct words relative;   /* executable only: values that its base is added to */
	struct residuals residuals;
	size_t moving_residuals; /* executable only: the last so many have an address as addend */
};

void materialised_release(struct materialised *m);

/*
 * A library at its slot.  The loader counts as provider at layout->loader_base.
 * 1: done; 0: the object stays native, because it is not materialisable or its
 * .dynamic has no room to name residuals; negative: its file cannot be read again.
 */
int materialise_library(const struct table *t, const struct slot *s, const struct layout *l,
			struct materialised *out, struct err *e);

/* The same for the executable; `slides`: with layout=exec, where moving residuals are moved. */
struct executable_request {
	const struct table *table;
	const struct layout *layout;
	bool slides;
};

int materialise_executable(const struct executable_request *r, struct materialised *out,
			   struct err *e);

/*
 * Only the words in which a table differs from its base (t->base), without
 * .dynamic.  What became a residual has no word: ld.so writes it.
 */
int materialise_patch(const struct table *t, const struct slot *s, const struct layout *l,
		      struct words *out, struct err *e);

/*
 * The words of .dynamic.  `where` is a run-time address for base = the load
 * address, a link-time address for base = 0.  For a library residual_address
 * is where its residuals lie; an executable's DT_RELA is left to the shim.
 */
struct dynamic_edit {
	const struct object *object;
	uint64_t base;
	uint64_t residual_address;
	size_t residual_count;
	bool executable;
	bool no_plt;       /* a view only: without DT_JMPREL and DT_PLTREL */
};

void materialise_dynamic(const struct dynamic_edit *d, struct words *out);

/*
 * Where ld.so is shown another dynamic section (a view), the library's own holds what
 * the stock loader leaves there: the load address added to the pointers that it uses.
 */
void materialise_own_dynamic(const struct object *o, uint64_t base, struct words *out);

/*
 * The view: all edited entries (object.dynamic_count), link-time addresses.  A DT_SONAME
 * comes first, so that a view that begins behind it has none.
 */
void materialise_view(const struct dynamic_edit *d, Elf64_Dyn *out);

/* vaddr of the value of a .dynamic entry; 0 where the tag is absent. */
uint64_t dynamic_entry_value(const struct object *o, int64_t tag);

#endif
