/*
 * lookup.h - who provides a symbol
 *
 * One `struct scope` per program: its members in load order, with the parts of
 * their hash tables that a lookup touches side by side, and a memo of all
 * answers, since every object of a program without DF_SYMBOLIC asks the same
 * scope.  The rules are those of glibc; each is named where it is applied.
 */
#ifndef MATR_LD_LOOKUP_H
#define MATR_LD_LOOKUP_H

#include "matr-ld/internal.h"

/* How a relocation's type narrows what counts as a definition. */
enum type_class {
	CLASS_ANY = 0,
	CLASS_PLT = 1,	/* calls and TLS: an undefined symbol never counts */
	CLASS_COPY = 2, /* the executable is not searched */
};

/* What is asked for. */
struct wanted {
	const char *name;
	uint32_t hash; /* GNU hash of name */
	enum type_class class;
	const struct object_version *version; /* NULL: none */
	uint32_t version_file; /* member that version->file names, or PROVIDER_NONE */
};

enum answer_status {
	ANSWER_NONE = 0, /* no provider */
	ANSWER_FOUND = 1,
	ANSWER_BROKEN = 2, /* ld.so aborts: the library it was linked to has lost its versions */
};

struct answer {
	uint32_t member;
	uint32_t symbol; /* index in the member's symbol table */
	uint32_t status; /* enum answer_status */
};

struct scope;

struct scope *scope_make(struct job *j);
void scope_free(struct scope *s);

/*
 * The whole scope.  The answer is numbered: equal questions have equal
 * numbers, and scope_answer gives it back.
 */
uint32_t scope_lookup(struct scope *s, const struct wanted *w);
const struct answer *scope_answer(const struct scope *s, uint32_t number);

/* One member alone (DF_SYMBOLIC, losers). */
struct answer scope_lookup_in(const struct scope *s, uint32_t member, const struct wanted *w);

#endif
