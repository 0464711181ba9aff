/* The dynamic section: strings, flags, what is needed. */
#include "matr-ld/reader.h"

#include <errno.h>
#include <string.h>

static int read_entries(struct reader *r)
{
	struct object *o = r->o;
	const Elf64_Phdr *p = o->dynamic_phdr;
	size_t n;

	o->dynamic = reader_vaddr(r, p->p_vaddr, p->p_filesz, "the dynamic section");
	if (!o->dynamic)
		return r->code;
	for (n = 0; n < p->p_filesz / sizeof(Elf64_Dyn); n++)
		if (o->dynamic[n].d_tag == DT_NULL) {
			o->dynamic_count = n + 1;
			return 0;
		}
	return reader_malformed(r, "the dynamic section has no end");
}

static int read_strings(struct reader *r)
{
	struct object *o = r->o;
	uint64_t at, bytes;

	o->strings = "";
	if (!object_dynamic(o, DT_STRTAB, &at) || !object_dynamic(o, DT_STRSZ, &bytes) || !bytes)
		return 0;
	o->strings = reader_vaddr(r, at, bytes, "the string table");
	o->strings_bytes = bytes;
	return r->code;
}

/* A string that the loader would use as a name: out of range is an error here. */
static const char *string_at(struct reader *r, uint64_t offset, const char *what)
{
	if (offset < r->o->strings_bytes)
		return r->o->strings + offset;
	reader_malformed(r, "%s is outside of the string table", what);
	return "";
}

static void read_needed(struct reader *r)
{
	struct object *o = r->o;
	size_t n = 0;

	for (size_t i = 0; i < o->dynamic_count; i++)
		n += o->dynamic[i].d_tag == DT_NEEDED;
	o->needed = object_alloc(o, n * sizeof(*o->needed));
	for (size_t i = 0; i < o->dynamic_count; i++)
		if (o->dynamic[i].d_tag == DT_NEEDED)
			o->needed[o->needed_count++] =
			    string_at(r, o->dynamic[i].d_un.d_val, "DT_NEEDED");
}

static void read_names(struct reader *r)
{
	struct object *o = r->o;
	uint64_t v;

	if (object_dynamic(o, DT_SONAME, &v))
		o->soname = string_at(r, v, "DT_SONAME");
	if (object_dynamic(o, DT_RUNPATH, &v))
		o->runpath = string_at(r, v, "DT_RUNPATH");
	if (!o->runpath && object_dynamic(o, DT_RPATH, &v))
		o->rpath = string_at(r, v, "DT_RPATH");
}

static void read_flags(struct object *o)
{
	uint64_t v;

	object_dynamic(o, DT_FLAGS, &o->flags);
	object_dynamic(o, DT_FLAGS_1, &o->flags_1);
	o->symbolic = o->flags & DF_SYMBOLIC || object_dynamic(o, DT_SYMBOLIC, &v);
	o->bind_now =
	    o->flags & DF_BIND_NOW || o->flags_1 & DF_1_NOW || object_dynamic(o, DT_BIND_NOW, &v);
	o->text_relocations = o->flags & DF_TEXTREL || object_dynamic(o, DT_TEXTREL, &v);
	o->audit = object_dynamic(o, DT_AUDIT, &v) || object_dynamic(o, DT_DEPAUDIT, &v);
	o->filter = object_dynamic(o, DT_FILTER, &v) || object_dynamic(o, DT_AUXILIARY, &v);
}

int object_read_dynamic(struct reader *r)
{
	r->o->strings = "";
	if (!r->o->dynamic_phdr)
		return 0;
	if (read_entries(r) < 0 || read_strings(r) < 0)
		return r->code;
	read_needed(r);
	read_names(r);
	read_flags(r->o);
	return r->code;
}
