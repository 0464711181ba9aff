/* Which programs are never given an image, whatever their bindings are. */
#include "image/format.h"
#include "matr-ld/internal.h"
#include "matr-ld/root.h"

#include <limits.h>
#include <string.h>

#define SHIM_NAME "ld-matr.so.1"
/* An image holds a word for each relocation of the executable; a quarter is left for the rest. */
#define MOST_WORDS (MATR_MAX_IMAGE_BYTES / sizeof(struct matr_word) / 4 * 3)
#define LARGEST_SPAN ((uint64_t)16 << 30) /* bytes of address space; all libraries share some TiB */

static bool has_our_loader(struct job *j, const struct object *o)
{
	const char *slash = strrchr(o->interpreter, '/');
	char path[PATH_MAX];

	if (strcmp(slash ? slash + 1 : o->interpreter, SHIM_NAME) == 0)
		return true;
	return o->interpreter[0] == '/' &&
	       root_canonical(j->r->root, o->interpreter, path, NULL) == 0 &&
	       (strcmp(path, j->r->loader.path) == 0 ||
		(j->r->loader.shim && strcmp(path, j->r->loader.shim) == 0));
}

static void check_kind(struct job *j, const struct object *o)
{
	if (o->elf_type != ET_EXEC && o->elf_type != ET_DYN)
		job_refuse(j, REASON_NOT_PROGRAM, "'%s' is no executable", o->path);
	else if (!o->interpreter && o->elf_type == ET_DYN && !(o->flags_1 & DF_1_PIE))
		job_refuse(j, REASON_NOT_PROGRAM, "'%s' is a shared library", o->path);
	else if (!o->interpreter)
		job_refuse(j, REASON_STATIC, "'%s' is statically linked", o->path);
	else if (!has_our_loader(j, o))
		job_refuse(j, REASON_OTHER_INTERPRETER, "'%s' is started by '%s'", o->path,
			   o->interpreter);
	else if (!o->dynamic_phdr)
		job_refuse(j, REASON_NO_CLOSURE, "'%s' has no dynamic section", o->path);
}

static void check_privileges(struct job *j, const struct object *o)
{
	if (j->flags & RESOLVE_ANY_PERMISSION)
		return;
	if (o->mode & (S_ISUID | S_ISGID))
		job_refuse(j, REASON_SET_ID, "'%s' has mode %04o", o->path, o->mode & 07777);
	if (o->file_capabilities)
		job_refuse(j, REASON_FILE_CAPABILITIES, "'%s' has file capabilities", o->path);
}

void eligible_program(struct job *j, const struct object *o)
{
	check_kind(j, o);
	check_privileges(j, o);
}

static void check_folders(struct job *j, const char *path)
{
	char folder[PATH_MAX];
	struct stat st;

	if (strlen(path) >= sizeof(folder))
		return;
	strcpy(folder, path);
	for (char *slash = strrchr(folder, '/'); slash; slash = strrchr(folder, '/')) {
		*slash = '\0';
		if (root_stat(j->r->root, folder[0] ? folder : "/", &st) == 0 &&
		    !(st.st_mode & S_IXOTH))
			job_refuse(j, REASON_UNTRUSTED_FOLDER, "'%s' lies below '%s'", path,
				   folder[0] ? folder : "/");
	}
}

static void check_readable(struct job *j, const struct member *m)
{
	char path[PATH_MAX];

	if (!j->r->require_world_readable || j->flags & RESOLVE_ANY_PERMISSION)
		return;
	if (!(m->object->mode & S_IROTH))
		job_refuse(j, REASON_NOT_READABLE, "'%s' has mode %04o", m->path,
			   m->object->mode & 07777);
	check_folders(j, m->path);
	if (root_canonical(j->r->root, m->path, path, NULL) == 0 && strcmp(path, m->path) != 0)
		check_folders(j, path);
}

/* In what ld.so maps first, so that the shim sees it before anything else is done with the file. */
static bool in_first_segment(const struct object *o)
{
	for (size_t i = 0; i < o->phdr_count; i++)
		if (o->phdr[i].p_type == PT_LOAD)
			return o->build_id_vaddr >= o->phdr[i].p_vaddr &&
			       o->build_id_vaddr + o->build_id_bytes <=
				       o->phdr[i].p_vaddr + o->phdr[i].p_filesz;
	return false;
}

static void check_build_id(struct job *j, const struct member *m)
{
	if (!j->r->require_build_ids)
		return;
	if (!m->object->build_id_bytes)
		job_refuse(j, REASON_NO_BUILD_ID, "'%s' has none", m->path);
	else if (!in_first_segment(m->object))
		job_refuse(j, REASON_NO_BUILD_ID, "'%s' has it outside of its first segment",
			   m->path);
}

/* One object must not take what all others need; no real one comes near. */
static void check_span(struct job *j, const struct member *m)
{
	const struct object *o = m->object;
	uint64_t first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < o->phdr_count; i++) {
		const Elf64_Phdr *p = &o->phdr[i];

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_align > LARGEST_SPAN)
			last = UINT64_MAX;
		if (p->p_vaddr < first)
			first = p->p_vaddr;
		if (p->p_vaddr + p->p_memsz > last)
			last = p->p_vaddr + p->p_memsz;
	}
	if (last > first && last - first > LARGEST_SPAN)
		job_refuse(j, REASON_TOO_LARGE, "'%s' takes more than %llu GiB of addresses",
			   m->path, (unsigned long long)(LARGEST_SPAN >> 30));
}

static void check_object(struct job *j, const struct member *m)
{
	const struct object *o = m->object;

	check_span(j, m);
	if (o->text_relocations)
		job_refuse(j, REASON_TEXT_RELOCATIONS, "'%s' has DT_TEXTREL", m->path);
	if (o->writable_code)
		job_refuse(j, REASON_WRITABLE_CODE, "'%s' has such a segment", m->path);
	if (o->audit)
		job_refuse(j, REASON_AUDIT, "'%s' asks for an auditor", m->path);
	if (o->filter)
		job_refuse(j, REASON_FILTER, "'%s' is a filter", m->path);
	if (o->claims_addresses)
		job_refuse(j, REASON_CLAIMS_ADDRESSES, "'%s' has '%s'", m->path,
			   o->claims_addresses);
	check_readable(j, m);
	check_build_id(j, m);
}

static bool in_writable_segment(const struct object *o, uint64_t vaddr)
{
	for (size_t i = 0; i < o->phdr_count; i++)
		if (o->phdr[i].p_type == PT_LOAD && o->phdr[i].p_flags & PF_W &&
		    vaddr - o->phdr[i].p_vaddr < o->phdr[i].p_memsz)
			return true;
	return false;
}

/* What is written at exec must be writable as the kernel maps the executable. */
static void check_words(struct job *j, const Elf64_Rela *r, size_t count)
{
	const struct object *o = j->out->members[0].object;

	for (size_t i = 0; i < count; i++)
		if (ELF64_R_TYPE(r[i].r_info) != R_X86_64_NONE &&
		    !in_writable_segment(o, r[i].r_offset)) {
			job_refuse(j, REASON_SEGMENT_LAYOUT,
				   "'%s' has a relocation outside of its writable segments",
				   o->path);
			return;
		}
}

static size_t count_words(const struct object *o)
{
	size_t n = o->rela_count + o->plt_count;

	/* An odd entry is a bit map, with one bit that says so. */
	for (size_t i = 0; i < o->relr_count; i++)
		n += o->relr[i] & 1 ? (size_t)__builtin_popcountll(o->relr[i] >> 1) : 1;
	return n;
}

/* What the published format cannot hold. */
static void check_size(struct job *j)
{
	const struct member *m = j->out->members;

	if (j->out->member_count > MATR_MAX_MEMBERS)
		job_refuse(j, REASON_TOO_LARGE, "'%s' has more than %u libraries", m->path,
			   MATR_MAX_MEMBERS);
	if (count_words(m->object) > MOST_WORDS)
		job_refuse(j, REASON_TOO_LARGE, "'%s' has more than %zu relocations", m->path,
			   (size_t)MOST_WORDS);
}

void eligible_closure(struct job *j)
{
	const struct object *o = j->out->members[0].object;
	size_t n = j->out->member_count;

	check_size(j);
	for (size_t i = 0; i < n; i++)
		check_object(j, &j->out->members[i]);
	if (!object_in_data(o, o->dynamic_phdr->p_vaddr, o->dynamic_phdr->p_filesz))
		job_refuse(j, REASON_DYNAMIC_READ_ONLY,
			   "'%s' has it in a segment that is not writable", o->path);
	check_words(j, o->rela, o->rela_count);
	check_words(j, o->plt, o->plt_count);
	if (j->complete && n - (j->loader != PROVIDER_NONE) < 2)
		job_refuse(j, REASON_NO_CLOSURE, "'%s' needs no library", o->path);
}
