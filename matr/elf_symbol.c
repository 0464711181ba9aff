/* One symbol of one ELF file, by libelf's section view. */
#include "matr/tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static bool find_in_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, const char *name,
			    uint64_t *value)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Sym symbol;

	for (size_t i = 0; data && i < count; i++) {
		const char *s;

		if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
			continue;
		s = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (!s || strcmp(s, name) != 0)
			continue;
		*value = symbol.st_value;
		return true;
	}
	return false;
}

static bool find_in_type(Elf *elf, unsigned type, const char *name, uint64_t *value)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == type &&
		    find_in_section(elf, section, &header, name, value))
			return true;
	return false;
}

int elf_find_symbol(const char *path, const char *name, uint64_t *value, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found;
	Elf *elf;

	if (fd < 0)
		return err_sys(e, "'%s'", path);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	found = elf && (find_in_type(elf, SHT_DYNSYM, name, value) ||
			find_in_type(elf, SHT_SYMTAB, name, value));
	elf_end(elf);
	close(fd);
	if (!found)
		return err_set(e, -ENOENT, "'%s' has no symbol '%s'", path, name);
	return 0;
}
