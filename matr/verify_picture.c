/* Questions to a picture: what is at an address, and what an address means. */
#include "matr/verify.h"

#include <string.h>

bool picture_word(const struct picture_object *o, uint64_t vaddr, uint64_t *out)
{
	const struct object *f = o->object;

	for (size_t i = 0; i < f->phdr_count; i++) {
		const Elf64_Phdr *ph = &f->phdr[i];

		if (!o->segments[i] || vaddr < ph->p_vaddr || ph->p_filesz < sizeof(*out) ||
		    vaddr - ph->p_vaddr > ph->p_filesz - sizeof(*out))
			continue;
		memcpy(out, o->segments[i] + (vaddr - ph->p_vaddr), sizeof(*out));
		return true;
	}
	return false;
}

unsigned picture_owners(const struct picture *p, uint64_t address, uint32_t owners[2])
{
	size_t low = 0, high = p->count;
	unsigned n = 0;

	/* The last object that starts at or before the address, and the one before it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->objects[p->by_address[middle]].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t back = 0; back < 2 && back < low; back++) {
		uint32_t i = p->by_address[low - 1 - back];

		if (address <= p->objects[i].end)
			owners[n++] = i;
	}
	return n;
}

const char *picture_class(const struct picture *p, uint64_t address)
{
	for (size_t i = 0; i < p->range_count; i++)
		if (address >= p->ranges[i].start && address < p->ranges[i].end)
			return p->ranges[i].class;
	return NULL;
}

const char *picture_describe(const struct picture *p, uint64_t address, struct arena *a)
{
	uint32_t owners[2];
	const struct picture_object *o;
	const char *class;

	if (picture_owners(p, address, owners)) {
		o = &p->objects[owners[0]];
		return arena_printf(a, "%s+0x%llx",
				    strrchr(o->name, '/') ? strrchr(o->name, '/') + 1 : o->name,
				    (unsigned long long)(address - o->base));
	}
	class = picture_class(p, address);
	return arena_printf(a, "0x%llx%s%s%s", (unsigned long long)address, class ? " (" : "",
			    class ? class : "", class ? ")" : "");
}

static bool same_beyond(const struct picture *p, uint64_t a, const struct picture *q, uint64_t b)
{
	/* Some arithmetic on symbols points outside of every object, but with one. */
	for (size_t i = 0; i < p->count; i++)
		if (a - p->objects[i].base == b - q->objects[i].base)
			return true;
	return false;
}

bool picture_same_meaning(const struct picture *p, uint64_t a, const struct picture *q, uint64_t b)
{
	uint32_t owners[2], others[2];
	unsigned n = picture_owners(p, a, owners);

	for (unsigned i = 0; i < n; i++)
		if (a - p->objects[owners[i]].base == b - q->objects[owners[i]].base)
			return true;
	if (n || picture_owners(q, b, others))
		return false;
	return a == b || same_beyond(p, a, q, b);
}

bool picture_same_class(const struct picture *p, uint64_t a, const struct picture *q, uint64_t b)
{
	const char *x = picture_class(p, a), *y = picture_class(q, b);

	return x && y && strcmp(x, y) == 0 && strcmp(x, "file") != 0;
}
