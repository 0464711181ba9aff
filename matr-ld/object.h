/*
 * object.h - one ELF file, parsed once and then only read
 *
 * The ELF front end of the resolver (libelf inside).  Opening a file reads
 * what resolving and materialising need - program headers, dynamic section,
 * dynamic symbols, hash tables, versions, relocations - into memory of its own with
 * read calls, so a file that shrinks later is no danger.  The writable segments are
 * checked and counted into the digest, and read again when they are needed.
 * Nothing is executed.  Every range is checked against the file's size; a
 * malformed file gives an error that names the file and what is wrong, and no
 * object.
 *
 * An open object is immutable and may be shared by threads.  All pointers in
 * it are owned by it.  Sources of the rules: gABI (System V ABI, generic part),
 * x86-64 psABI, and what ld.so of glibc 2.31 to 2.43 accepts.
 */
#ifndef MATR_LD_OBJECT_H
#define MATR_LD_OBJECT_H

#include "common/err.h"
#include "common/identity.h"

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The headers of glibc 2.31 do not know them. */
#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR 36
#define DT_RELRENT 37
#endif

/* A version that this object defines or needs, by its index in DT_VERSYM. */
struct object_version {
	const char *name; /* NULL: no such index, or the base definition */
	uint32_t hash;	  /* SysV hash of name; 0 for none and base */
	bool hidden;	  /* vna_other has bit 15 set */
	const char *file; /* verneed: the library it was linked to; NULL for own definitions */
	bool weak;	  /* verneed: VER_FLG_WEAK */
	bool defined;	  /* a verdef of this object */
};

/* One DT_VERNEED entry, for the check that the needed library defines the version. */
struct object_need {
	const char *file;
	const char *name;
	uint32_t hash;
	bool weak;
};

struct object_block;

struct object {
	char *root; /* folder that was taken for /; "": the system itself */
	char *path; /* where it was opened, inside the root's view */
	struct identity identity;
	uint32_t mode;	 /* st_mode: permissions and set-id bits */
	uint64_t digest; /* XXH3 of all bytes that were read: headers, tables, writable segments */
	uint64_t body;	 /* the same without PT_INTERP's name */
	uint64_t key;	 /* XXH3 of path and digest: the object's stable name in the store */
	uint16_t elf_type; /* ET_EXEC or ET_DYN */
	uint64_t entry;

	const Elf64_Phdr *phdr;
	size_t phdr_count;
	uint64_t phdr_offset;		/* e_phoff: where the file has them */
	const char *interpreter;	/* PT_INTERP or NULL */
	const Elf64_Phdr *tls;		/* PT_TLS or NULL */
	const Elf64_Phdr *relro;	/* PT_GNU_RELRO or NULL */
	const Elf64_Phdr *dynamic_phdr; /* PT_DYNAMIC or NULL */
	uint8_t build_id[32];
	uint32_t build_id_bytes; /* 0: none */
	uint64_t build_id_vaddr; /* link-time address of the build-id bytes */

	const Elf64_Dyn *dynamic;	      /* as in the file, up to and including DT_NULL */
	size_t dynamic_count;		      /* entries, with the DT_NULL */
	const char *soname, *rpath, *runpath; /* NULL: none; rpath is NULL where runpath is set */
	const char **needed;		      /* DT_NEEDED strings in order */
	size_t needed_count;
	uint64_t flags, flags_1; /* DT_FLAGS, DT_FLAGS_1 */
	bool symbolic;		 /* DT_SYMBOLIC or DF_SYMBOLIC */
	bool bind_now;		 /* DT_BIND_NOW, DF_BIND_NOW or DF_1_NOW */
	bool text_relocations;	 /* DT_TEXTREL or DF_TEXTREL */
	bool audit;		 /* DT_AUDIT or DT_DEPAUDIT */
	bool filter;		 /* DT_FILTER or DT_AUXILIARY */
	bool writable_code;	 /* a PT_LOAD that is writable and executable */
	bool file_capabilities;	 /* the file has the attribute security.capability */
	const char
	    *claims_addresses;	 /* the symbol or setting that tells of such a runtime, or NULL */
	bool has_usdt_semaphore; /* a .note.stapsdt probe with a semaphore: keeps its inode's pages
				  */

	const Elf64_Sym *symbols; /* dynamic symbol table */
	size_t symbol_count;	  /* as far as hash tables and relocations reach */
	const char *strings;
	size_t strings_bytes;
	const Elf64_Half *versym;	       /* symbol_count entries, or NULL */
	const struct object_version *versions; /* by version index */
	size_t version_count;
	const struct object_need *needs;
	size_t need_count;
	bool has_verdef;	   /* DT_VERDEF is present */
	const char *base_version;  /* name of the base definition, or NULL; not in versions[] */
	const uint32_t *name_hash; /* symbol_count GNU hashes of the symbols' names */

	/* DT_GNU_HASH, else DT_HASH; none: bucket_count 0 */
	bool gnu_hash;
	uint32_t bucket_count;
	const uint32_t *buckets;
	const uint32_t
	    *chain; /* GNU: chain[i] belongs to symbol gnu_base + i; SysV: chain[i] to i */
	size_t chain_count;
	uint32_t gnu_base, bloom_words, bloom_shift;
	const uint64_t *bloom;

	const Elf64_Rela *rela; /* DT_RELA, without the part that overlaps DT_JMPREL */
	size_t rela_count;
	const Elf64_Rela *plt; /* DT_JMPREL */
	size_t plt_count;
	const uint64_t *relr; /* DT_RELR words, still packed */
	size_t relr_count;

	struct object_block *memory; /* where everything above lies */
};

/*
 * Opens `path` below `root` ("" for the system itself) and parses it.
 * 0, or a negative errno value; -ENOEXEC: not an ELF object for this machine
 * (`*reason` tells more), -EBADMSG: malformed.  On success *out is owned by
 * the caller.
 */
int object_open(struct object **out, const char *root, const char *path, unsigned *reason,
		struct err *e);
void object_free(struct object *o);

/* A dynamic entry's value; false where the tag is absent. */
bool object_dynamic(const struct object *o, int64_t tag, uint64_t *value);

/* The name of symbol `index`, or "" where its string offset is out of range. */
const char *object_symbol_name(const struct object *o, size_t index);

/* True where [vaddr, vaddr + bytes) lies wholly in the file part of one writable segment. */
bool object_in_data(const struct object *o, uint64_t vaddr, uint64_t bytes);

/*
 * Opens the object's file again: a descriptor, or -ESTALE where it is no longer
 * the file that was parsed.
 */
int object_reopen(const struct object *o, struct err *e);

/*
 * The content of the writable segments, for whoever needs it: it is checked and
 * counted into the digest when the object is parsed, but not kept.
 */
struct object_data {
	const struct object *object;
	uint8_t **segments; /* by program header; NULL where it is no writable PT_LOAD; owned */
};

int object_data_load(struct object_data *d, const struct object *o, struct err *e);
void object_data_release(struct object_data *d);

/* The content at a link-time address, or NULL where it is not wholly in one segment. */
const uint8_t *object_data_at(const struct object_data *d, uint64_t vaddr, uint64_t bytes);

/*
 * True where epochd may materialise the object: PT_DYNAMIC lies in a writable
 * segment, its first PT_LOAD is not writable, every relocated word lies in the
 * file part of a writable segment.  Else ld.so relocates it natively at its
 * slot (bindings are still computed, for people).
 */
bool object_materialisable(const struct object *o);

/*
 * True where every relocated word lies at a multiple of 8 bytes: then a bitmap can name
 * them (layout=exec).
 */
bool object_words_aligned(const struct object *o);

#endif
