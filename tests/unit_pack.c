/*
 * unit_pack - tables as the catalogue stores them: packed, and as differences
 *
 * What goes in comes out byte by byte; what is cut or has a wrong bit is refused or gives other
 * bytes, and never leads outside of them (built with ASan and UBSan).
 */
#include "cache/internal.h"
#include "tests/made_up.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned passed, failed;

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (what) {                                                                        \
			passed++;                                                                  \
		} else {                                                                           \
			failed++;                                                                  \
			printf("unit_pack.c:%d: %s\n", __LINE__, #what);                           \
		}                                                                                  \
	} while (0)

static const struct shape shape = {.programs = 1, .libraries = 40, .closure = 9, .bindings = 300};

static MDB_val value_of(const struct buf *b)
{
	return (MDB_val){.mv_size = b->used, .mv_data = b->data};
}

static int same(const struct buf *a, const struct buf *b)
{
	return a->used == b->used && memcmp(a->data, b->data, a->used) == 0;
}

static void encode(const struct mapping *m, size_t member, struct buf *out)
{
	struct err e = ERR_INIT;

	buf_clear(out);
	CHECK(table_encode(m, member, out, &e) == 0);
}

static void test_packed(const struct buf *whole)
{
	struct buf packed = BUF_INIT, again = BUF_INIT;
	MDB_val record;

	CHECK(table_pack(whole, &packed));
	record = value_of(&packed);
	CHECK(stored_as(&record) == STORED_PACKED && packed.used < whole->used / 2);
	CHECK(table_unpack(&record, &again) && same(whole, &again));
	buf_release(&packed);
	buf_release(&again);
}

/* Each length has its own memory, so that ASan sees a byte too far. */
static void test_damage(const struct buf *whole, bool (*open)(const MDB_val *, struct buf *),
			const struct buf *stored)
{
	for (size_t i = 0; i < stored->used * 8; i += 1 + i % 13) {
		size_t n = i % 3 ? stored->used : i / 8 + TRAILER_BYTES;
		struct buf again = BUF_INIT;
		MDB_val record;
		uint8_t *copy;

		n = n < stored->used ? n : stored->used;
		copy = malloc(n);
		memcpy(copy, stored->data, n);
		copy[i / 8 % n] ^= (uint8_t)(1u << i % 8);
		record = (MDB_val){.mv_size = n, .mv_data = copy};
		passed += !open(&record, &again) || !same(whole, &again) || n == stored->used;
		buf_release(&again);
		free(copy);
	}
}

static struct catalogue_table base_table;

static bool expand(const MDB_val *record, struct buf *out)
{
	return stored_as(record) == STORED_DIFFERENCES && delta_expand(record, &base_table, out);
}

static void test_differences(struct mapping *m, struct arena *a)
{
	struct table_base base = {.key = {7}};
	struct buf first = BUF_INIT, packed = BUF_INIT, second = BUF_INIT, delta = BUF_INIT,
		   again = BUF_INIT;
	MDB_val record;

	encode(m, 3, &first);
	table_pack(&first, &packed);
	base.record = value_of(&packed);
	CHECK(table_split(&base_table, first.data, first.used));
	m->members[3].bindings[0].provider = 8; /* every number of a provider shifts */
	m->members[3].bindings[17].version = arena_strdup(a, "OTHER_1");
	m->members[3].bindings[299].value = 1;
	encode(m, 3, &second);
	CHECK(delta_encode(&second, &base, &delta));
	record = value_of(&delta);
	CHECK(delta_count(&record) == 3 && delta_index(&record, 2) == 299 && delta.used < 256);
	CHECK(memcmp(delta_base(&record), base.key, TABLE_KEY_BYTES) == 0);
	CHECK(expand(&record, &again) && same(&second, &again));
	test_damage(&second, expand, &delta);
	m->members[3].binding_count--;
	encode(m, 3, &second);
	CHECK(!delta_encode(&second, &base, &delta));
	m->members[3].binding_count++;
	for (unsigned i = 0; i < 200; i++)
		m->members[3].bindings[i].value += 16;
	encode(m, 3, &second);
	CHECK(!delta_encode(&second, &base, &delta));
	buf_release(&first);
	buf_release(&packed);
	buf_release(&second);
	buf_release(&delta);
	buf_release(&again);
}

int main(void)
{
	struct arena a = ARENA_INIT;
	struct buf whole = BUF_INIT, packed = BUF_INIT;
	struct mapping m;

	make_mapping(&m, &shape, 5, &a);
	for (size_t i = 0; i < m.member_count; i++) {
		encode(&m, i, &whole);
		test_packed(&whole);
	}
	m.members[1].bindings[5].offset = ~0ull; /* steps in both directions, all bits */
	m.members[1].bindings[6].value = ~0ull;
	m.members[1].bindings[7].addend = INT64_MIN;
	m.members[1].bindings[8].symbol_index = ~0u;
	m.members[1].bindings[9].symbol_index = 8; /* two names of one number */
	encode(&m, 1, &whole);
	test_packed(&whole);
	table_pack(&whole, &packed);
	test_damage(&whole, table_unpack, &packed);
	test_differences(&m, &a);
	buf_release(&whole);
	buf_release(&packed);
	arena_release(&a);
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
