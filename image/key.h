/*
 * key.h - the name of a program's image
 *
 * A key is a hash of what a starting program has in memory anyway, so that the
 * shim needs no file to find its image: the program headers (without PT_INTERP
 * and PT_NOTE contents, so that enabling changes nothing), the dynamic section
 * as linked, the build-id, its dynamic strings and parts of its relocations (a
 * program that was edited after linking still has its old build-id), and, where
 * these do not tell programs apart, a path:
 *
 *   $ORIGIN in its DT_RPATH or DT_RUNPATH: the canonical path of the program
 *   no build-id: its path as executed
 *
 * Freestanding, pure: bytes in, key out.  Nothing here may be called on a
 * dynamic section that ld.so has already touched.
 */
#ifndef IMAGE_KEY_H
#define IMAGE_KEY_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define MATR_KEY_NAME_BYTES 33 /* 32 hexadecimal digits and NUL */

/* At most so many bytes of each table are hashed: of relocations those that name symbols. */
#define MATR_KEY_STRINGS_BYTES 65536u /* the first ones */
#define MATR_KEY_PLT_BYTES 16384u     /* the first ones */
#define MATR_KEY_RELA_BYTES 16384u    /* the last ones: RELATIVE comes first */

struct matr_key_table {
	const void *bytes;
	size_t count; /* bytes; the whole table */
};

struct matr_key_input {
	const Elf64_Phdr *phdr;
	size_t phdr_count;
	const Elf64_Dyn *dynamic; /* unrelocated, without what follows DT_NULL */
	size_t dynamic_count;     /* entries, with the DT_NULL */
	const uint8_t *build_id;
	size_t build_id_bytes;    /* 0: none */
	const char *path;         /* NULL where the key does not cover one */
	struct matr_key_table strings; /* DT_STRTAB, DT_STRSZ */
	struct matr_key_table plt;     /* DT_JMPREL, DT_PLTRELSZ */
	struct matr_key_table rela;    /* DT_RELA, without what overlaps DT_JMPREL */
};

void matr_key_make(const struct matr_key_input *in, uint64_t key[2]);
void matr_key_name(const uint64_t key[2], char name[MATR_KEY_NAME_BYTES]);

/* Finds the GNU build-id in the bytes of a PT_NOTE segment; NULL where there is none. */
const uint8_t *matr_find_build_id(const uint8_t *notes, size_t bytes, size_t *build_id_bytes);

/* True where a search path contains $ORIGIN, in either spelling. */
int matr_path_has_origin(const char *search_path);

#endif
