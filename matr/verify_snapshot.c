/* The picture of a stopped program: link map, relocated memory, other ranges. */
#include "matr/verify.h"

#include "common/names.h"

#include "matr-ld/loader.h"
#include "matr/matr.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 16384
#define PAGE 4096u
#define COPY_MAX ((uint64_t)16 << 20)

/* One taking. */
struct taking {
	struct picture *picture;
	const struct tracee *tracee;
	struct object_cache *cache;
	const char *program;
	struct arena *arena;
	size_t capacity;
};

static bool names_loader(const struct taking *k, const char *name, uint64_t base)
{
	const char *n = base_name(name);

	return (base && base == k->tracee->base) || verify_names_loader(n);
}

/* First and last page of what an object's segments cover. */
static void find_span(struct picture_object *o, const Elf64_Phdr *phdr, size_t count)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < count; i++) {
		if (phdr[i].p_type != PT_LOAD)
			continue;
		if (phdr[i].p_vaddr < low)
			low = phdr[i].p_vaddr;
		if (phdr[i].p_vaddr + phdr[i].p_memsz > high)
			high = phdr[i].p_vaddr + phdr[i].p_memsz;
	}
	if (low > high)
		low = high;
	o->start = o->base + (low & ~(uint64_t)(PAGE - 1));
	o->end = o->base + ((high + PAGE - 1) & ~(uint64_t)(PAGE - 1));
}

/* The vdso has no file: its headers are read from memory. */
static int look_at_vdso(const struct taking *k, struct picture_object *o)
{
	uint64_t at = k->tracee->vdso;
	Elf64_Phdr phdr[16];
	Elf64_Ehdr eh;

	o->name = "vdso";
	o->kind = PICTURE_VDSO;
	if (tracee_read(k->tracee, at, &eh, sizeof(eh)) < 0 || eh.e_phnum > 16 ||
	    tracee_read(k->tracee, at + eh.e_phoff, phdr, eh.e_phnum * sizeof(phdr[0])) < 0)
		return -EFAULT;
	find_span(o, phdr, eh.e_phnum);
	return 0;
}

/* The bytes of the writable segments' file parts. */
static int read_segments(const struct taking *k, struct picture_object *o, struct err *e)
{
	const struct object *f = o->object;

	o->segments = arena_alloc(k->arena, f->phdr_count * sizeof(*o->segments));
	for (size_t i = 0; i < f->phdr_count; i++) {
		const Elf64_Phdr *ph = &f->phdr[i];
		uint8_t *bytes;

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_W) || !ph->p_filesz)
			continue;
		bytes = arena_alloc(k->arena, ph->p_filesz);
		if (tracee_read(k->tracee, o->base + ph->p_vaddr, bytes, ph->p_filesz) < 0)
			return err_set(e, -EFAULT, "cannot read the memory of '%s'", o->name);
		o->segments[i] = bytes;
	}
	return 0;
}

/* COPY relocations: the data that was copied into the program, usually in its .bss. */
static int read_copies(const struct taking *k, struct picture_object *o, struct err *e)
{
	const struct object *f = o->object;

	for (size_t i = 0; i < f->rela_count; i++) {
		const Elf64_Rela *r = &f->rela[i];
		size_t symbol = ELF64_R_SYM(r->r_info);
		uint8_t *bytes;
		uint64_t size;

		if (ELF64_R_TYPE(r->r_info) != R_X86_64_COPY || symbol >= f->symbol_count)
			continue;
		size = f->symbols[symbol].st_size;
		if (!size || size > COPY_MAX)
			continue;
		if (!o->copies)
			o->copies = arena_alloc(k->arena, f->rela_count * sizeof(*o->copies));
		bytes = arena_alloc(k->arena, size);
		if (tracee_read(k->tracee, o->base + r->r_offset, bytes, size) < 0)
			return err_set(e, -EFAULT, "cannot read a copied symbol of '%s'", o->name);
		o->copies[i] = bytes;
	}
	return 0;
}

static int look_at_file(const struct taking *k, struct picture_object *o, const char *path,
			struct err *e)
{
	int status;

	o->object = object_cache_get(k->cache, path, e);
	if (!o->object)
		return e->code;
	/* Only lazy slots are compared with the file's content. */
	if (o->object->plt_count && !o->object->bind_now)
		o->data = object_cache_data(k->cache, o->object);
	find_span(o, o->object->phdr, o->object->phdr_count);
	status = read_segments(k, o, e);
	return status < 0 ? status : read_copies(k, o, e);
}

static int look_at_loader(const struct taking *k, struct picture_object *o, struct err *e)
{
	const char *path;
	int status = loader_find("", &path, e);

	o->kind = PICTURE_LOADER;
	o->name = "loader";
	return status < 0 ? status : look_at_file(k, o, path, e);
}

static int add_object(struct taking *k, const struct link_map *map, struct err *e)
{
	struct picture *p = k->picture;
	struct picture_object *o;
	char name[PATH_MAX] = "";

	if (map->l_name &&
	    tracee_read_string(k->tracee, (uint64_t)map->l_name, name, sizeof(name)) < 0)
		return err_set(e, -EFAULT, "cannot read the name of an object");
	p->objects = array_grow(p->objects, p->count, &k->capacity, sizeof(*o));
	o = &p->objects[p->count++];
	*o = (struct picture_object){.base = map->l_addr, .kind = PICTURE_LIBRARY};
	if (k->tracee->vdso &&
	    (map->l_addr == k->tracee->vdso || strcmp(name, "linux-vdso.so.1") == 0))
		return look_at_vdso(k, o) < 0 ? err_set(e, -EFAULT, "cannot read the vdso") : 0;
	o->name = arena_strdup(k->arena, name);
	if (p->count == 1) {
		o->kind = PICTURE_PROGRAM;
		o->name = k->program;
		return look_at_file(k, o, k->program, e);
	}
	if (names_loader(k, name, map->l_addr))
		return look_at_loader(k, o, e);
	return look_at_file(k, o, name, e);
}

static int read_list(struct taking *k, struct err *e)
{
	struct r_debug debug;
	struct link_map map;
	uint64_t at;
	int status;

	if (tracee_read(k->tracee, k->tracee->debug, &debug, sizeof(debug)) < 0)
		return err_set(e, -EFAULT, "cannot read the list of objects");
	for (at = (uint64_t)debug.r_map; at; at = (uint64_t)map.l_next) {
		if (k->picture->count == OBJECTS_MAX ||
		    tracee_read(k->tracee, at, &map, sizeof(map)) < 0)
			return err_set(e, -EFAULT, "cannot read the list of objects");
		status = add_object(k, &map, e);
		if (status < 0)
			return status;
	}
	return 0;
}

static const char *class_of(const char *name)
{
	if (strcmp(name, "[stack]") == 0)
		return "stack";
	/* ld.so's first heap lies behind its data, or in a mapping of its own. */
	return name[0] == '/' ? "file" : "anonymous";
}

static int read_ranges(struct taking *k, struct err *e)
{
	struct picture *p = k->picture;
	size_t capacity = 0, bytes = 0;
	char path[64], *line = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)k->tracee->pid);
	f = fopen(path, "re");
	if (!f)
		return err_sys(e, "cannot read '%s'", path);
	while (getline(&line, &bytes, f) > 0) {
		unsigned long start, end;
		int at = 0;

		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &start, &end, &at) < 2)
			continue;
		line[strcspn(line, "\n")] = '\0';
		p->ranges = array_grow(p->ranges, p->range_count, &capacity, sizeof(*p->ranges));
		p->ranges[p->range_count++] = (struct picture_range){
		    .start = start, .end = end, .class = class_of(line + at)};
	}
	free(line);
	fclose(f);
	return 0;
}

/* The arrays grew by themselves; now they move to the arena like everything else. */
static void settle(struct taking *k)
{
	struct picture *p = k->picture;
	void *objects = p->objects, *ranges = p->ranges;

	p->objects = arena_memdup(k->arena, objects, p->count * sizeof(*p->objects));
	p->ranges = arena_memdup(k->arena, ranges, p->range_count * sizeof(*p->ranges));
	free(objects);
	free(ranges);
	p->by_address = arena_alloc(k->arena, p->count * sizeof(*p->by_address));
	for (uint32_t i = 0; i < p->count; i++) {
		uint32_t at = i;

		for (; at && p->objects[p->by_address[at - 1]].start > p->objects[i].start; at--)
			p->by_address[at] = p->by_address[at - 1];
		p->by_address[at] = i;
	}
}

int picture_take(struct picture *p, const struct tracee *t, struct object_cache *c,
		 const char *program, struct arena *a, struct err *e)
{
	struct taking k = {.picture = p, .tracee = t, .cache = c, .program = program, .arena = a};
	int status;

	*p = (struct picture){0};
	status = read_list(&k, e);
	if (status == 0)
		status = read_ranges(&k, e);
	settle(&k);
	return status;
}
