/*
 * What only section headers tell, where a file has any: probes with semaphores
 * and the traces of runtimes that claim fixed address ranges.  A file without
 * section headers, or with damaged ones, simply tells nothing here: the loader
 * does not read them either.
 */
#include "matr-ld/reader.h"

#include <gelf.h>
#include <string.h>

static const void *section_data(struct reader *r, const GElf_Shdr *sh)
{
	if (sh->sh_type == SHT_NOBITS || sh->sh_offset > r->file_bytes ||
	    sh->sh_size > r->file_bytes - sh->sh_offset)
		return NULL;
	return reader_peek(r, sh->sh_offset, sh->sh_size, "a section");
}

/* A stapsdt note: three addresses, the third one is the semaphore's. */
static void look_for_semaphores(struct reader *r, const GElf_Shdr *sh)
{
	const uint8_t *data = section_data(r, sh);
	uint64_t at = 0, desc, semaphore;

	while (data && at + sizeof(Elf64_Nhdr) <= sh->sh_size) {
		const Elf64_Nhdr *n = (const void *)(data + at);

		desc = at + sizeof(*n) + (((uint64_t)n->n_namesz + 3) & ~(uint64_t)3);
		if (desc > sh->sh_size || n->n_descsz > sh->sh_size - desc)
			return;
		if (n->n_type == 3 && n->n_namesz == 8 && memcmp(n + 1, "stapsdt", 8) == 0 &&
		    n->n_descsz >= 24) {
			memcpy(&semaphore, data + desc + 16, sizeof(semaphore));
			if (semaphore)
				r->o->has_usdt_semaphore = true;
		}
		at = desc + (((uint64_t)n->n_descsz + 3) & ~(uint64_t)3);
	}
}

static void look_for_bytes(struct reader *r, const GElf_Shdr *sh, const char *const *needles)
{
	const char *data = section_data(r, sh);

	for (; data && *needles; needles++)
		if (memmem(data, sh->sh_size, *needles, strlen(*needles)))
			r->o->claims_addresses = *needles;
}

/* Statically linked runtimes are no dynamic symbols; a program that was not stripped shows them. */
static void look_at_symtab(struct reader *r, const GElf_Shdr *symtab)
{
	static const char *const runtimes[] = {"__tsan_init", "__msan_init", "__dfsan_init",
					       "__hwasan_init", NULL};
	Elf_Scn *scn = elf_getscn(r->elf, symtab->sh_link);
	GElf_Shdr sh;

	if (scn && gelf_getshdr(scn, &sh) && sh.sh_type == SHT_STRTAB)
		look_for_bytes(r, &sh, runtimes);
}

static void look_at(struct reader *r, const GElf_Shdr *sh, const char *name)
{
	static const char *const race[] = {"-race=true", NULL};

	if (sh->sh_type == SHT_NOTE && strcmp(name, ".note.stapsdt") == 0)
		look_for_semaphores(r, sh);
	if (!r->o->interpreter)
		return;
	if (sh->sh_type == SHT_SYMTAB)
		look_at_symtab(r, sh);
	else if (strcmp(name, ".go.buildinfo") == 0)
		look_for_bytes(r, sh, race);
}

int object_read_sections(struct reader *r)
{
	Elf_Scn *scn = NULL;
	size_t names;
	GElf_Shdr sh;
	const char *name;

	if (elf_getshdrstrndx(r->elf, &names) < 0)
		return r->code;
	while ((scn = elf_nextscn(r->elf, scn)) && !r->code) {
		if (!gelf_getshdr(scn, &sh))
			continue;
		name = elf_strptr(r->elf, names, sh.sh_name);
		if (name)
			look_at(r, &sh, name);
	}
	return r->code;
}
