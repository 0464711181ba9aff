#include "epochd/image_header.h"

#include <string.h>

struct matr_identity image_identity(const struct identity *id)
{
	return (struct matr_identity){
		.dev = id->dev,
		.ino = id->ino,
		.size = id->size,
		.mtime_sec = id->mtime_sec,
		.ctime_sec = id->ctime_sec,
		.mtime_nsec = id->mtime_nsec,
		.ctime_nsec = id->ctime_nsec,
	};
}

/* A slide keeps the alignment of every member. */
static uint64_t slide_align(const struct image_request *r)
{
	uint64_t align = MATR_PAGE;

	for (size_t i = 1; i < r->program->member_count; i++) {
		const struct program_member *m = &r->program->members[i];
		const struct slot *s = m->is_loader ? NULL : layout_find(r->layout, m->object->key);

		if (s && s->plan.align > align)
			align = s->plan.align;
	}
	return align;
}

/*
 * On a processor of another level ld.so would find other libraries: one look tells it, instead of
 * a restart at every exec.
 */
static bool depends_on_level(const struct image_request *r)
{
	for (size_t i = 0; i < r->program->member_count; i++) {
		const struct object *o = r->program->members[i].object;
		const struct slot *s = layout_find(r->layout, o->key);

		if (strstr(o->path, "/glibc-hwcaps/") || (s && s->level_matters))
			return true;
	}
	return false;
}

void image_header_fill(const struct image_request *r, struct matr_image_header *h)
{
	const struct resolver_system *system = r->system;
	const struct prepared_loader *loader = r->loader;
	uint64_t base = r->layout->loader_base;

	h->magic = MATR_IMAGE_MAGIC;
	h->version = MATR_FORMAT_VERSION;
	h->header_bytes = sizeof(*h);
	h->store_id = r->store_id;
	h->epoch = r->epoch;
	memcpy(h->key, r->program->key, sizeof(h->key));
	h->flags = (r->program->lazy_left ? MATR_IMAGE_LAZY_LEFT : 0) |
		   (r->program->needs_path ? MATR_IMAGE_NEEDS_PATH : 0) |
		   (loader->old_fstat ? MATR_IMAGE_OLD_FSTAT : 0) |
		   (system->has_cache ? MATR_IMAGE_HAS_CACHE : 0) |
		   (system->has_preload ? MATR_IMAGE_HAS_PRELOAD : 0) |
		   (r->portable ? MATR_IMAGE_PORTABLE : 0);
	if (r->slides) {
		h->flags |= MATR_IMAGE_SLIDES;
		h->slide_align = slide_align(r);
	}
	h->cpu_level = system->cpu_level;
	h->cache = image_identity(&system->cache);
	h->preload = image_identity(&system->preload);
	h->installed = image_identity(&loader->installed);
	h->program = image_identity(&r->program->object->identity);
	h->layout_id = r->layout->id;
	h->loader_base = base;
	h->loader_entry = base + loader->entry;
	h->loader_dynamic = base + loader->dynamic;
	h->gate_address = base + loader->span - MATR_PAGE;
	h->gate_offset = loader->gate_offset;
	h->loader_file_bytes = loader->size;
	if (depends_on_level(r))
		h->flags |= MATR_IMAGE_CHECK_CPU;
}
