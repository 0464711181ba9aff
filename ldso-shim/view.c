/*
 * view.c - what ld.so sees of a library's headers and dynamic section
 *
 * Environment: inside a read call of ld.so, or in its debugger's event; in the
 * only thread, before any code of the program.
 *
 * ld.so learns from the program headers where the dynamic section is.  It is shown the
 * epoch's copy (format.h, view_address), read-only, in a mapping that all libraries share,
 * or one in the image: so it writes to no page of the library.  When it has relocated, the link map names
 * the library's own section again, which holds what the stock loader leaves in it.
 * In memory the library's headers are its own at all times.
 */
#include "ldso-shim/shim.h"

#include "ldso-shim/sys.h"

static uint64_t page_up(uint64_t n)
{
	return (n + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1);
}

static uint64_t view_of(const struct matr_member *m)
{
	return m->view.count ? (uint64_t)(S.image.views + m->view.offset) : m->view_address;
}

static void view_header(const struct matr_member *m, Elf64_Phdr *p)
{
	uint64_t end = page_up(p->p_vaddr + p->p_filesz) - p->p_vaddr;

	if (p->p_type == PT_DYNAMIC) {
		p->p_vaddr = view_of(m) - m->base; /* modulo 2^64: ld.so adds the base */
		p->p_flags &= ~(uint32_t)PF_W;
	} else if (p->p_type == PT_GNU_RELRO && m->relro_bytes) {
		p->p_type = PT_NULL;
	} else if (p->p_type == PT_LOAD && (p->p_flags & PF_W) && p->p_filesz < p->p_memsz) {
		p->p_filesz = p->p_memsz < end ? p->p_memsz : end;
	}
}

void view_headers(const struct matr_member *m, Elf64_Phdr *headers, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		view_header(m, &headers[i]);
	S.hook.viewed = 1;
}

/* `start` is what ld.so has read of the file of `m`; program headers behind it come by pread64. */
void view_file(const struct matr_member *m, uint8_t *start, uint64_t bytes)
{
	const Elf64_Ehdr *h = (const void *)start;

	if (bytes < sizeof(*h) || h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phoff % 8)
		return;
	if (h->e_phoff < bytes && h->e_phnum <= (bytes - h->e_phoff) / sizeof(Elf64_Phdr))
		view_headers(m, (Elf64_Phdr *)(start + h->e_phoff), h->e_phnum);
	else
		S.hook.headers_at = h->e_phoff;
}

/* The link map has the members in the order in which they were mapped. */
static void name_own_sections(void)
{
	const struct public_debug *debug = hook_debug();
	uint32_t i = 0, count = S.image.header->members.count;

	for (struct public_map *map = debug ? debug->r_map : 0; map; map = map->l_next) {
		uint32_t k = i;

		while (k < count && (!S.image.members[k].view_address ||
				     view_of(&S.image.members[k]) != map->l_ld))
			k++;
		if (k == count)
			continue;
		map->l_ld = S.image.members[k].dynamic_address;
		i = k + 1;
	}
}

/* Relocation is done: the link map is as ever, and what ld.so read is read-only. */
void view_end(void)
{
	name_own_sections();
	for (uint32_t i = 0; i < S.image.header->layers.count; i++)
		if (epoch_mapped_bytes(&S.image.layers[i]))
			sys_mprotect(S.image.layers[i].residual_address,
				     epoch_mapped_bytes(&S.image.layers[i]), PROT_READ);
}
