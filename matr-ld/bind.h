/*
 * bind.h - what the files that make bindings share
 *
 * references.c says what an object's relocations ask for; bind.c decides relocation by
 * relocation; bind_lists.c collects what concerns more than one of them: fixups, losers, unique
 * symbols.
 */
#ifndef MATR_LD_BIND_H
#define MATR_LD_BIND_H

#include "matr-ld/lookup.h"

/* One reference whose answer is an STB_GNU_UNIQUE symbol. */
struct unique_reference {
	const char *name;
	uint32_t hash, member, binding, answer_symbol;
};

/* One program's bindings while they are made; the arrays are malloc'ed. */
struct bind {
	struct job *job;
	struct scope *scope;
	struct unique_reference *uniques;
	size_t unique_count, unique_capacity;
	struct fixup *fixups;
	size_t fixup_count, fixup_capacity;
	struct shadow *shadows;
	size_t shadow_count, shadow_capacity;
};

/* One member whose relocations are being bound. */
struct requirer {
	struct bind *bind;
	uint32_t index;
	const struct object *object;
	struct member *member;
	bool symbolic;		 /* searches itself first */
	uint32_t *version_files; /* member by version index */
	uint32_t *known[2];	 /* answer number + 1 by symbol, for CLASS_ANY and CLASS_PLT */
};

/* Is it a binding?  Relative words have no provider and are none. */
bool reference_is(const Elf64_Rela *r);
/* False: its result depends on where libraries lie. */
bool reference_supported(const Elf64_Rela *r);
/* Index into o->versions of what a symbol asks for; 0: nothing. */
uint32_t reference_version(const struct object *o, uint32_t symbol);
/* A binding without an answer: all that the requirer itself says. */
void reference_make(const struct object *o, const Elf64_Rela *r, bool plt, struct binding *b);

/* `b` is an element of the member's bindings in all of these. */
void bind_add_fixup(struct requirer *q, const struct binding *b, uint64_t value);
/* An answer that a search gave: remember unique symbols and, if asked for, losers. */
void bind_note_answer(struct requirer *q, const struct binding *b, const struct answer *a);
/* Decide which reference to each unique symbol stays residual. */
void bind_unique(struct bind *bind);
/* Hand the lists over to the mapping. */
void bind_finish(struct bind *bind);

#endif
