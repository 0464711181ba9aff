/*
 * mapping.h - what resolving a program yields: its closure and its bindings
 *
 * The shapes that matr-ld fills, cache keeps, epochd materialises and inspect
 * shows.  Plain data: every pointer of a `struct mapping` lives in the arena
 * (or in the resolver) that it was made in, and in no other place.
 *
 * Addresses: a *link-time address* is a p_vaddr-like number of one object; a
 * *run-time address* is that plus the object's load address (base).  Nothing
 * here is a run-time address: a mapping does not know where objects will lie.
 */
#ifndef COMMON_MAPPING_H
#define COMMON_MAPPING_H

#include "common/identity.h"

#include <stddef.h>
#include <stdint.h>

/* `provider` of a binding that has none. */
#define PROVIDER_NONE UINT32_MAX

/*
 * What becomes of one relocation that names a symbol (or that only ld.so can
 * do).  RELATIVE and RELR words are no bindings: they have no provider.
 */
enum binding_kind {
	/* word = base(provider) + value + addend; without base if `absolute` */
	BINDING_VALUE = 1,
	/*
	 * Provided by the executable, whose address differs from exec to exec:
	 * word = base(executable) + value + addend, written at exec.  `value` is not
	 * part of the table (it is in mapping.fixups), so that programs that export
	 * the same symbol from different places share the table.  Never in member 0.
	 */
	BINDING_EXECUTABLE = 2,
	/* weak and unresolved, not lazy: word = addend */
	BINDING_ZERO = 3,
	/* JUMP_SLOT that stays lazy: word = base(self) + what the file has there */
	BINDING_LAZY = 4,
	/* an IFUNC: residual IRELATIVE with the resolver base(provider) + value */
	BINDING_IFUNC = 5,
	/* residual: the relocation itself, done by ld.so with its own lookup */
	BINDING_RESIDUAL = 6,
};

/* One relocation's answer.  Equal for all programs that share the table. */
struct binding {
	uint64_t offset;     /* link-time address of the word, in the requirer */
	uint64_t value;      /* provider's st_value: link-time address, or absolute, or TLS offset */
	int64_t addend;      /* r_addend */
	const char *symbol;  /* name; NULL for a residual without symbol (IRELATIVE, module id) */
	const char *version; /* version asked for; NULL: none */
	uint32_t provider;   /* index into mapping.members, or PROVIDER_NONE */
	uint32_t symbol_index; /* in the requirer's dynamic symbol table (r_info) */
	uint32_t provider_symbol; /* in the provider's; the store does not keep it */
	uint16_t type;       /* R_X86_64_* */
	uint8_t kind;        /* enum binding_kind */
	uint8_t absolute;    /* 1: provider's symbol is SHN_ABS, no base is added */
	uint8_t plt;         /* 1: from the DT_JMPREL table */
	uint8_t weak;        /* 1: the reference is STB_WEAK */
	uint8_t unique;      /* 1: the provider's symbol is STB_GNU_UNIQUE */
};

/* How the closure came to hold an object (`inspect` tells; the store keeps it). */
enum found_by {
	FOUND_EXECUTABLE = 0, /* the program itself */
	FOUND_PRELOAD,        /* /etc/ld.so.preload */
	FOUND_PATH,           /* DT_NEEDED held a path with a slash */
	FOUND_RPATH,          /* DT_RPATH of the requirer or of one of its loaders */
	FOUND_RUNPATH,        /* DT_RUNPATH of the requirer */
	FOUND_CACHE,          /* ld.so.cache */
	FOUND_DEFAULT,        /* a default folder of the loader */
	FOUND_LOADER,         /* the loader itself, known by its SONAME */
};

struct object; /* a parsed file, matr-ld/object.h; owned by the resolver, NULL when read from the store */

struct member {
	const char *path;       /* as ld.so opens it, with the root removed; absolute */
	const char *soname;     /* DT_SONAME or NULL */
	const char *search_path; /* DT_RUNPATH, else DT_RPATH, as in the file; NULL: none */
	const char *request;    /* the DT_NEEDED string that brought it in; NULL for the executable */
	const char *found_in;   /* folder or cache entry that answered; may be NULL */
	uint32_t requirer;      /* index of the member whose DT_NEEDED it was; 0 for 0 */
	uint32_t found_by;      /* enum found_by */
	struct identity identity;
	uint64_t object_key;    /* stable name of (path, content), for tables in the store */
	uint8_t build_id[32];
	uint32_t build_id_bytes; /* 0: none */
	uint32_t is_loader;     /* 1: this is the system loader itself; it has no table */
	const struct object *object;
	struct binding *bindings; /* in relocation-table order: DT_RELA first, then DT_JMPREL */
	size_t binding_count;
};

/* The executable's part of one BINDING_EXECUTABLE. */
struct fixup {
	uint32_t member;   /* requirer: index into members */
	uint32_t binding;  /* index into its bindings */
	uint64_t value;    /* link-time address in the executable */
};

/* One definition that lost to the provider (inspect --shadowed). */
struct shadow {
	uint32_t member;    /* requirer */
	uint32_t binding;   /* index into its bindings */
	uint32_t loser;     /* member that also defines the symbol, later in scope */
};

struct mapping {
	const char *path;       /* the program, canonical, with the root removed */
	unsigned reason;        /* enum reason; 0: eligible */
	const char *detail;     /* what exactly, for people; NULL when eligible */
	struct member *members; /* the closure in load order; members[0] is the executable */
	size_t member_count;    /* may be valid with a reason too: as far as it was found */
	struct fixup *fixups;
	size_t fixup_count;
	struct shadow *shadows; /* only when asked for */
	size_t shadow_count;
	uint32_t lazy_left;     /* lazy slots of objects that LD_BIND_NOW would bind */
	uint32_t needs_path;    /* 1: $ORIGIN in the executable's own search path */
};

#endif
