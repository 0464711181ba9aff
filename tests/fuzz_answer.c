/*
 * Fuzzes the reader of what a worker answers (epochd/wire.h): any bytes are an answer, of a worker
 * that may be anyone's.  What is taken must bind each symbol to a definition of its name.
 * Without a seed of this machine's the files that it names are hardly ever found: so an answer
 * about a small program is made first, and the input changes it.
 */
#include "epochd/wire.h"
#include "matr-ld/object.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "/bin/true"
#define ROOM ((size_t)1 << 20)
#define EDIT_BYTES 6 /* u32 place, 0: how, u8 value */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct resolver *resolver;
static char *honest;
static size_t honest_bytes;

static void make_honest(void)
{
	struct arena arena = ARENA_INIT;
	struct answer in = {0};

	honest = xmalloc(ROOM);
	if (resolver_open(&resolver, &(struct resolver_options){0}, NULL) < 0 ||
	    resolve_program(resolver, PROGRAM, 0, &arena, &in.mapping, NULL) < 0)
		abort();
	honest_bytes = wire_write(&in, honest, ROOM);
	if (!honest_bytes)
		abort();
	arena_release(&arena);
}

static void check_names(const struct mapping *m)
{
	for (size_t i = 0; i < m->member_count; i++)
		for (size_t k = 0; k < m->members[i].binding_count; k++) {
			const struct binding *b = &m->members[i].bindings[k];

			if (b->provider == PROVIDER_NONE)
				continue;
			if (b->provider >= m->member_count ||
			    strcmp(b->symbol, object_symbol_name(m->members[b->provider].object,
								 b->provider_symbol)))
				abort();
		}
}

static void read_answer(const void *from, size_t bytes)
{
	struct arena arena = ARENA_INIT;
	const struct wire_reading r = {
		.resolver = resolver, .arena = &arena, .from = from, .bytes = bytes, .bindings = true};
	struct answer out;

	if (wire_read(&r, &out, NULL) == 0)
		check_names(&out.mapping);
	arena_release(&arena);
}

/* A copy of its own size, so that a step behind it is seen. */
static void read_changed(const uint8_t *edits, size_t bytes)
{
	char *copy = memcpy(xmalloc(honest_bytes), honest, honest_bytes);
	size_t size = honest_bytes;
	uint32_t at;

	for (; bytes >= EDIT_BYTES; edits += EDIT_BYTES, bytes -= EDIT_BYTES) {
		memcpy(&at, edits, sizeof(at));
		if (edits[4] == 0xff)
			size = at % (honest_bytes + 1);
		else
			copy[at % honest_bytes] = (char)edits[5];
	}
	if (size < honest_bytes) {
		char *cut = memcpy(xmalloc(size), copy, size);

		read_answer(cut, size);
		free(cut);
	} else {
		read_answer(copy, size);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (!resolver)
		make_honest();
	if (bytes && data[0] & 1)
		read_changed(data + 1, bytes - 1);
	else if (bytes)
		read_answer(data + 1, bytes - 1);
	return 0;
}
