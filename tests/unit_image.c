/*
 * unit_image.c - the pure parts of image/: reader, key, hash, materialise, reasons
 *
 * A small valid image is made in memory; a table lists one way to be wrong per
 * field: position, new value, expected reason, with the checksum made good again
 * (otherwise the checksum alone would answer).  Then the image is cut at every
 * length, every byte is flipped, and random damage with a good checksum must
 * never lead outside the bytes (the case builds this file with ASan and UBSan).
 */
#include "image/apply.h"
#include "image/hash.h"
#include "image/image.h"
#include "image/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned passed, failed;

#define CHECK(what, ...)                                                                           \
	do {                                                                                       \
		if (what) {                                                                        \
			passed++;                                                                  \
		} else {                                                                           \
			failed++;                                                                  \
			printf("unit_image.c:%d: %s: ", __LINE__, #what);                          \
			printf(" " __VA_ARGS__);                                                   \
			putchar('\n');                                                             \
		}                                                                                  \
	} while (0)

/* The example: everything behind the header in the order of its parts. */
struct example {
	struct matr_image_header h;
	struct matr_layer layer[2];
	struct matr_segment loader[2];
	struct matr_member member[2];
	struct matr_segment segment[4];
	struct matr_word fixup[1];
	struct matr_word word[6];
	Elf64_Rela residual[1];
	Elf64_Dyn view[3];
	uint8_t build_id[24];
	char loader_path[32], loader_name[32], program_path[32];
};

#define AT(field) offsetof(struct example, field)
#define PART(field, n) ((struct matr_range){ AT(field), (n) })
#define BASE 0x100100000000ull
#define ONE (BASE + 0x100000)
#define TWO (BASE + 0x200000)

static void seal(struct example *e)
{
	e->h.checksum = matr_image_checksum(e, sizeof(*e));
}

static void fill_header(struct matr_image_header *h)
{
	h->magic = MATR_IMAGE_MAGIC;
	h->version = MATR_FORMAT_VERSION;
	h->header_bytes = sizeof(*h);
	h->file_bytes = sizeof(struct example);
	h->store_id = 7;
	h->epoch = 1;
	h->cpu_level = 3;
	h->layout_id = 11;
	h->layers = PART(layer, 2);
	h->loader_path = PART(loader_path, sizeof("/lib64/ld.so"));
	h->loader_name = PART(loader_name, sizeof("0123"));
	h->program_path = PART(program_path, sizeof("/bin/x"));
	h->loader_segments = PART(loader, 2);
	h->members = PART(member, 2);
	h->segments = PART(segment, 4);
	h->fixups = PART(fixup, 1);
	h->words = PART(word, 6);
	h->build_ids = PART(build_id, 24);
	h->residuals = PART(residual, 1);
	h->views = PART(view, 3);
	h->exe_words = (struct matr_range){ 0, 1 };
	h->exe_relative = (struct matr_range){ 1, 1 };
	h->exe_dynamic = (struct matr_range){ 2, 1 };
	h->exe_plain = (struct matr_range){ 3, 1 };
	h->loader_base = BASE;
	h->loader_entry = BASE + 0x1000;
	h->loader_dynamic = BASE + 0x3000;
	h->gate_address = BASE + 0x4000;
	h->gate_offset = 0x4000;
	h->loader_file_bytes = 0x5000;
	h->installed_build_id = (struct matr_range){ 4, 20 };
	h->installed_build_id_at = 0x260;
}

static void fill_members(struct example *e)
{
	e->layer[0] = (struct matr_layer){ .id = 1, .bytes = 0x2000, .residual_address = BASE + 0x300000,
					   .residual_bytes = 0x1000 };
	e->layer[1] = (struct matr_layer){ .id = 2, .bytes = 0x5000, .residual_address = BASE + 0x310000,
					   .residual_bytes = 0x1000, .moving_bytes = 0x1000, .number = 7 };
	e->loader[0] = (struct matr_segment){ .address = BASE, .bytes = 0x2000, .prot = 5 };
	e->loader[1] = (struct matr_segment){ .address = BASE + 0x2000, .bytes = 0x3000, .prot = 3 };
	e->segment[0] = (struct matr_segment){ .address = ONE, .bytes = 0x4000, .prot = 1 };
	e->segment[1] = (struct matr_segment){ .address = ONE + 0x2000, .bytes = 0x2000, .prot = 3,
					       .offset = 0x2000, .source = MATR_SOURCE_PAGES,
					       .source_offset = 0x3000, .layer = 1 };
	e->segment[2] = (struct matr_segment){ .address = TWO, .bytes = 0x3000, .prot = 1 };
	e->segment[3] = (struct matr_segment){ .address = TWO + 0x1000, .bytes = 0x2000, .prot = 3, .offset = 0x1000 };
	e->member[0] = (struct matr_member){ .base = ONE, .start = ONE, .span = 0x4000,
					     .build_id_address = ONE + 0x200, .segments = { 0, 2 },
					     .fixups = { 0, 1 }, .build_id = { 0, 20 },
					     .view_address = BASE + 0x310010, .dynamic_address = ONE + 0x2100,
					     .relro_bytes = 0x1000, .view = { 1, 2 } };
	e->member[1] = (struct matr_member){ .base = TWO, .start = TWO, .span = 0x3000,
					     .reserve_bytes = 0x203000, .segments = { 2, 2 },
					     .build_id_address = TWO + 0x200, .build_id = { 0, 20 },
					     .words = { 4, 2 }, .address_words = 1, .flags = MATR_MEMBER_PRIVATE };
	e->fixup[0] = (struct matr_word){ ONE + 0x3010, 0x4010 };
	e->word[0] = (struct matr_word){ 0x3f00, ONE + 0x1000 };
	e->word[1] = (struct matr_word){ 0x3f08, 0x1000 };
	e->word[2] = (struct matr_word){ 0x3e00, 0 };
	e->word[3] = (struct matr_word){ 0x3f10, 0 };
	e->word[4] = (struct matr_word){ TWO + 0x1010, ONE + 0x1000 };
	e->word[5] = (struct matr_word){ TWO + 0x1018, 7 };
	e->view[0].d_tag = DT_NEEDED;
	e->view[1].d_tag = DT_FLAGS;
	strcpy(e->loader_path, "/lib64/ld.so");
	strcpy(e->loader_name, "0123");
	strcpy(e->program_path, "/bin/x");
}

static struct example *example(void)
{
	struct example *e = calloc(1, sizeof(*e));

	fill_header(&e->h);
	fill_members(e);
	seal(e);
	return e;
}

/* The same with layout=exec. */
static struct example *sliding_example(void)
{
	struct example *e = example();

	e->h.flags = MATR_IMAGE_SLIDES;
	e->h.slide_align = MATR_PAGE;
	seal(e);
	return e;
}

/* The same in a portable store. */
static struct example *portable_example(void)
{
	struct example *e = example();

	e->h.flags = MATR_IMAGE_PORTABLE;
	seal(e);
	return e;
}

#define HEAD(field) AT(h) + offsetof(struct matr_image_header, field)
#define HEADN(field) HEAD(field) + offsetof(struct matr_range, count), 4
#define HEADO(field) HEAD(field), 4
#define MEMBER(i, field) AT(member) + (i) * sizeof(struct matr_member) + offsetof(struct matr_member, field)
#define SEGMENT(i, field) AT(segment) + (i) * sizeof(struct matr_segment) + offsetof(struct matr_segment, field)
#define LAYER(i, field) AT(layer) + (i) * sizeof(struct matr_layer) + offsetof(struct matr_layer, field)
#define LOADER(i, field) AT(loader) + (i) * sizeof(struct matr_segment) + offsetof(struct matr_segment, field)
#define WORD(part, i) AT(part) + (i) * sizeof(struct matr_word)
#define N(field) offsetof(struct matr_range, field)

static const struct wrong {
	const char *what;
	size_t at, width;
	uint64_t value;
	enum reason want;
} wrongs[] = {
#include "wrong-image.def"
}, wrong_slides[] = {
#include "wrong-image-slides.def"
}, wrong_portable[] = {
#include "wrong-image-portable.def"
};

static enum reason open_copy(const void *bytes, size_t n)
{
	void *copy = malloc(n ? n : 1); /* of exactly that size: ASan sees a byte too far */
	struct matr_image image;
	enum reason r;

	memcpy(copy, bytes, n);
	r = matr_image_open(copy, n, &image);
	free(copy);
	return r;
}

static void test_wrong(struct example *e, const struct wrong *w)
{
	enum reason got;

	memcpy((char *)e + w->at, &w->value, w->width);
	seal(e);
	if (w->at == HEAD(checksum))
		e->h.checksum ^= w->value;
	got = open_copy(e, sizeof(*e));
	CHECK(got == w->want, "%s: %s instead of %s", w->what, reason_name(got), reason_name(w->want));
	free(e);
}

static void test_wrongs(void)
{
	struct example *good = example(), *sliding = sliding_example(), *portable = portable_example();

	CHECK(open_copy(good, sizeof(*good)) == REASON_NONE, "the example");
	CHECK(open_copy(sliding, sizeof(*sliding)) == REASON_NONE, "the sliding example");
	CHECK(open_copy(portable, sizeof(*portable)) == REASON_NONE, "the portable example");
	free(portable);
	free(good);
	free(sliding);
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++)
		test_wrong(example(), &wrongs[i]);
	for (size_t i = 0; i < sizeof(wrong_slides) / sizeof(wrong_slides[0]); i++)
		test_wrong(sliding_example(), &wrong_slides[i]);
	for (size_t i = 0; i < sizeof(wrong_portable) / sizeof(wrong_portable[0]); i++)
		test_wrong(portable_example(), &wrong_portable[i]);
}

static void test_lengths_and_bits(void)
{
	struct example *e = example();
	struct { struct example e; char more[8]; } longer = { *e, "" };

	for (size_t n = 0; n < sizeof(*e); n++)
		CHECK(open_copy(e, n) == REASON_IMAGE_DAMAGED, "cut to %zu", n);
	CHECK(open_copy(&longer, sizeof(longer)) == REASON_IMAGE_DAMAGED);
	for (size_t i = 0; i < sizeof(*e) * 8; i++) {
		unsigned char *b = (unsigned char *)e + i / 8;

		*b ^= 1u << i % 8;
		CHECK(open_copy(e, sizeof(*e)) != REASON_NONE, "bit %zu", i);
		*b ^= 1u << i % 8;
	}
	free(e);
}

/* Touches all that a caller may believe after a good answer. */
static uint64_t walk(const struct matr_image *m)
{
	uint64_t sum = strlen(m->loader_path) + strlen(m->loader_name) + strlen(m->program_path);

	for (uint32_t i = 0; i < m->header->layers.count; i++)
		sum += m->layers[i].bytes;
	for (uint32_t i = 0; i < m->header->loader_segments.count; i++)
		sum += m->loader_segments[i].prot;
	for (uint32_t i = 0; i < m->header->residuals.count; i++)
		sum += m->residuals[i].r_offset;
	for (uint32_t i = 0; i < m->header->exe_words.count; i++)
		sum += m->words[m->header->exe_words.offset + i].value;
	for (uint32_t i = 0; i < m->header->exe_relative.count; i++)
		sum += m->words[m->header->exe_relative.offset + i].value;
	for (uint32_t i = 0; i < m->header->exe_plain.count; i++)
		sum += m->words[m->header->exe_plain.offset + i].value;
	for (uint32_t i = 0; i < m->header->exe_dynamic.count; i++)
		sum += m->words[m->header->exe_dynamic.offset + i].value;
	for (uint32_t i = 0; i < m->header->members.count; i++) {
		const struct matr_member *b = &m->members[i];

		for (uint32_t k = 0; k < b->segments.count; k++)
			sum += m->segments[b->segments.offset + k].bytes;
		for (uint32_t k = 0; k < b->fixups.count; k++)
			sum += m->fixups[b->fixups.offset + k].value;
		for (uint32_t k = 0; k < b->words.count; k++)
			sum += m->words[b->words.offset + k].value;
		for (uint32_t k = 0; k < b->build_id.count; k++)
			sum += m->build_ids[b->build_id.offset + k];
		for (uint32_t k = 0; k < b->view.count; k++)
			sum += m->views[b->view.offset + k].d_un.d_val;
	}
	return sum;
}

static void test_random_damage(void)
{
	static const uint64_t nasty[] = { 0, 1, 7, 8, 0x1000, 0x7fffffff, 0xffffffff, ~0ull, 1ull << 63, 0xfffffffffffff000 };
	unsigned opened = 0;
	uint64_t x = 88172645463325252ull, sum = 0;

	for (int round = 0; round < 200000; round++) {
		struct example *e = round & 1 ? example() : sliding_example();
		struct matr_image m;

		for (int k = 0; k <= round % 3; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			memcpy((char *)e + x % (sizeof(*e) / 4 - 1) * 4, &nasty[(x >> 32) % 10], x >> 40 & 1 ? 8 : 4);
		}
		e->h.magic = MATR_IMAGE_MAGIC;
		e->h.version = MATR_FORMAT_VERSION;
		seal(e);
		if (matr_image_open(e, sizeof(*e), &m) == REASON_NONE) {
			opened++;
			sum += walk(&m);
		}
		free(e);
	}
	CHECK(opened > 1000 && sum, "only %u opened", opened);
}

static void test_pages_and_gate(void)
{
	struct matr_pages_header p = { .magic = MATR_PAGES_MAGIC, .version = MATR_FORMAT_VERSION, .header_bytes = sizeof(p),
				       .file_bytes = 0x3000 }, q;
	struct matr_gate g = { .magic = MATR_GATE_MAGIC, .version = MATR_FORMAT_VERSION, .header_bytes = sizeof(g), .site_count = 2 }, b;

	p.checksum = matr_pages_checksum(&p);
	CHECK(matr_pages_check(&p, 0x3000) == REASON_NONE);
	CHECK(matr_pages_check(&p, 0x2000) == REASON_EPOCH_INCOMPLETE);
	for (size_t i = 0; i < sizeof(p); i++) {
		q = p;
		((char *)&q)[i] ^= 1;
		CHECK(matr_pages_check(&q, 0x3000) == (i / 4 == 2 ? REASON_IMAGE_VERSION : REASON_EPOCH_INCOMPLETE), "pages %zu", i);
	}
	g.checksum = matr_gate_checksum(&g);
	CHECK(matr_gate_check(&g) == REASON_NONE);
	for (size_t i = 0; i < sizeof(g); i++) {
		enum reason want = (i >= offsetof(struct matr_gate, entry) && i < offsetof(struct matr_gate, back)) ||
					   (i >= offsetof(struct matr_gate, cpuid_entry) && i < offsetof(struct matr_gate, cpuid_sites))
					   ? REASON_NONE : i / 4 == 2 ? REASON_IMAGE_VERSION : REASON_EPOCH_INCOMPLETE;
		b = g;
		((char *)&b)[i] ^= 1;
		CHECK(matr_gate_check(&b) == want, "gate %zu", i);
	}
	for (unsigned n = 0; n < 8; n++) {
		g.site_count = n;
		g.checksum = matr_gate_checksum(&g);
		CHECK((matr_gate_check(&g) == REASON_NONE) == (n > 0 && n <= MATR_MAX_GATE_SITES), "%u sites", n);
	}
	g.site_count = 1;
	g.answer_count = MATR_MAX_CPU_ANSWERS + 1;
	g.checksum = matr_gate_checksum(&g);
	CHECK(matr_gate_check(&g) == REASON_EPOCH_INCOMPLETE, "too many answers");
}

/* Bit i of a page's map stands for its word i; nothing else is touched. */
static void test_slides(void)
{
	static uint64_t page[3][512], moving[2][8];

	moving[0][0] = 5;
	moving[0][7] = 1ull << 63;
	moving[1][3] = ~0ull;
	matr_slide_pages(moving[0], 2, page[0], 7);
	for (unsigned i = 0; i < 512; i++) {
		CHECK(page[0][i] == (i == 0 || i == 2 || i == 511 ? 7 : 0), "word %u", i);
		CHECK(page[1][i] == (i / 64 == 3 ? 7 : 0), "word %u of the second", i);
		CHECK(page[2][i] == 0, "word %u behind", i);
	}
	matr_slide_pages(NULL, 0, NULL, 7);
}

static void key_of(const struct matr_key_input *in, uint64_t key[2])
{
	matr_key_make(in, key);
}

static void test_key(void)
{
	Elf64_Phdr ph[2] = { { .p_type = PT_LOAD, .p_memsz = 5 }, { .p_type = PT_INTERP, .p_offset = 1 } };
	Elf64_Dyn dyn[2] = { { .d_tag = DT_NEEDED, .d_un.d_val = 9 }, { .d_tag = DT_NULL } };
	uint8_t id[20] = { 1, 2, 3 };
	struct matr_key_input in = { ph, 2, dyn, 2, id, 20, NULL };
	uint64_t k[2], l[2], same[2] = { 0x0123456789abcdefull, 0xfedcba9876543210ull };
	char name[MATR_KEY_NAME_BYTES];

	key_of(&in, k);
	ph[1].p_offset = 4711;
	key_of(&in, l);
	CHECK(!memcmp(k, l, 16), "enabling must not change the key");
	CHECK(k[0] != k[1]);
	ph[0].p_memsz++, key_of(&in, l), ph[0].p_memsz--;
	CHECK(k[0] != l[0] && k[1] != l[1], "program headers");
	dyn[0].d_un.d_val++, key_of(&in, l), dyn[0].d_un.d_val--;
	CHECK(k[0] != l[0] && k[1] != l[1], "dynamic section");
	id[19]++, key_of(&in, l), id[19]--;
	CHECK(k[0] != l[0] && k[1] != l[1], "build-id");
	in.path = "/a", key_of(&in, l);
	CHECK(k[0] != l[0] && k[1] != l[1], "path");
	matr_key_name(same, name);
	CHECK(!strcmp(name, "0123456789abcdeffedcba9876543210"), "%s", name);
	CHECK(matr_path_has_origin("/x:$ORIGIN/lib") && matr_path_has_origin("${ORIGIN}") && !matr_path_has_origin("") &&
	      !matr_path_has_origin("/ORIGIN:$LIB:${ORIGI}:$"));
}

static void test_build_id(void)
{
	static const uint32_t notes[] = { 4, 4, 1, 0x00554e47, 99, 4, 6, NT_GNU_BUILD_ID, 0x00554e47, 0x04030201, 0x0605 };
	size_t n = 0;
	const uint8_t *id = matr_find_build_id((const void *)notes, sizeof(notes), &n);

	CHECK(id == (const uint8_t *)&notes[9] && n == 6, "behind another note");
	for (size_t cut = 0; cut < sizeof(notes); cut++) {
		void *copy = malloc(cut ? cut : 1);

		memcpy(copy, notes, cut);
		CHECK(!matr_find_build_id(copy, cut, &n), "cut to %zu", cut);
		free(copy);
	}
	CHECK(!matr_find_build_id((const uint8_t *)(uint32_t[]){ 0xfffffffd, 0xfffffffd, 3, 0 }, 16, &n), "huge sizes");
}

static void test_rest(void)
{
	unsigned char place[24] = { 0 };
	struct matr_word w[2] = { { 3, 10 }, { 11, 20 } };
	uint64_t v[2];

	matr_materialise(w, 2, (uintptr_t)place, 100);
	memcpy(v, place + 3, 16);
	CHECK(v[0] == 110 && v[1] == 120 && !place[0] && !place[19], "unaligned words with a bias");
	CHECK(matr_hash("", 0, 0) == 0xef46db3751d8e999ull && matr_hash("abc", 3, 0) == 0x44bc2cf5ad770999ull, "XXH64");
	CHECK(!strcmp(reason_name(REASON_NO_EPOCH), "no-epoch") && !strcmp(reason_name(4711), "unknown"));
	CHECK(strstr(reason_sentence(REASON_STATIC), "statically") && strstr(reason_sentence(4711), "unknown"));
}

int main(void)
{
	test_wrongs();
	test_lengths_and_bits();
	test_random_damage();
	test_pages_and_gate();
	test_slides();
	test_key();
	test_build_id();
	test_rest();
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
