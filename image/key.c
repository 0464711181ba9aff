#include "image/key.h"

#include "image/hash.h"

static uint64_t hash_headers(const struct matr_key_input *in, uint64_t h)
{
	for (size_t i = 0; i < in->phdr_count; i++) {
		const Elf64_Phdr *p = &in->phdr[i];

		/* Enabling may move PT_INTERP; its content is not the program's own. */
		if (p->p_type != PT_INTERP)
			h = matr_hash(p, sizeof(*p), h);
	}
	return h;
}

static size_t text_length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static uint64_t hash_first(struct matr_key_table t, size_t most, uint64_t h)
{
	return matr_hash(t.bytes, t.count < most ? t.count : most, h);
}

static uint64_t hash_last(struct matr_key_table t, size_t most, uint64_t h)
{
	size_t n = t.count < most ? t.count : most;

	return matr_hash((const uint8_t *)t.bytes + (t.count - n), n, h);
}

void matr_key_make(const struct matr_key_input *in, uint64_t key[2])
{
	static const uint64_t seed[2] = {0x4d61745220316b65, 0x4d61745220326b65};

	for (int i = 0; i < 2; i++) {
		uint64_t h = hash_headers(in, seed[i]);

		h = matr_hash(in->dynamic, in->dynamic_count * sizeof(*in->dynamic), h);
		h = matr_hash(in->build_id, in->build_id_bytes, h);
		h = hash_first(in->strings, MATR_KEY_STRINGS_BYTES, h);
		h = hash_first(in->plt, MATR_KEY_PLT_BYTES, h);
		h = hash_last(in->rela, MATR_KEY_RELA_BYTES, h);
		if (in->path)
			h = matr_hash(in->path, text_length(in->path), h);
		key[i] = h;
	}
}

void matr_key_name(const uint64_t key[2], char name[MATR_KEY_NAME_BYTES])
{
	for (int i = 0; i < 32; i++) {
		unsigned digit = key[i / 16] >> (60 - 4 * (i % 16)) & 15;

		name[i] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
	}
	name[32] = 0;
}

const uint8_t *matr_find_build_id(const uint8_t *notes, size_t bytes, size_t *build_id_bytes)
{
	size_t at = 0;

	while (bytes - at >= sizeof(Elf64_Nhdr)) {
		const Elf64_Nhdr *n = (const Elf64_Nhdr *)(const void *)(notes + at);
		size_t name = (n->n_namesz + (size_t)3) & ~(size_t)3;
		size_t desc = (n->n_descsz + (size_t)3) & ~(size_t)3;
		size_t rest = bytes - at - sizeof(*n);

		if (name > rest || desc > rest - name)
			return NULL;
		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 &&
		    *(const uint32_t *)(const void *)(n + 1) == 0x00554e47) {
			*build_id_bytes = n->n_descsz;
			return notes + at + sizeof(*n) + name;
		}
		at += sizeof(*n) + name + desc;
	}
	return NULL;
}

static int starts_with(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return 0;
	return 1;
}

int matr_path_has_origin(const char *search_path)
{
	for (const char *s = search_path; *s; s++)
		if (*s == '$' && (starts_with(s, "$ORIGIN") || starts_with(s, "${ORIGIN}")))
			return 1;
	return 0;
}
