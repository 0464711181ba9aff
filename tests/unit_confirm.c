/*
 * unit_confirm.c - bindings that are compared with the objects that they are said to be of
 *
 *	unit_confirm PROGRAM
 *
 * What the resolver finds for the program is confirmed.  Then each binding is changed, one member of
 * the structure at a time, and must be refused, but for what confirm.h says is believed.
 */
#include "matr-ld/confirm.h"
#include "matr-ld/resolve.h"

#include <elf.h>
#include <stdio.h>

static unsigned passed, failed;

static void expect(const struct mapping *m, size_t member, int refused, const char *what)
{
	int got = confirm_member(m, member, NULL) < 0 || confirm_fixups(m, NULL) < 0;

	if (got == refused) {
		passed++;
		return;
	}
	failed++;
	printf("%s, %s: %s\n", m->members[member].path, what, got ? "refused" : "confirmed");
}

/* Each change is of something that the kind has. */
static void change_one(const struct mapping *m, size_t member, struct binding *b)
{
	const struct binding good = *b;
	int bound = b->kind == BINDING_VALUE || b->kind == BINDING_IFUNC;

#define WRONG(what, change)                                                                        \
	do {                                                                                       \
		change;                                                                            \
		expect(m, member, 1, what);                                                        \
		*b = good;                                                                         \
	} while (0)
	WRONG("offset", b->offset += 8);
	WRONG("addend", b->addend ^= 8);
	WRONG("symbol", b->symbol_index ^= 1);
	WRONG("type", b->type ^= 1);
	WRONG("table", b->plt = !b->plt);
	WRONG("kind", b->kind = 0);
	WRONG("kind", b->kind = 7);
	if (bound) {
		WRONG("value", b->value += 1);
		WRONG("provider", b->provider = PROVIDER_NONE);
		WRONG("provider", b->provider = (uint32_t)m->member_count);
		WRONG("absolute", b->absolute = !b->absolute);
		WRONG("kind", b->kind = b->kind == BINDING_VALUE ? BINDING_IFUNC : BINDING_VALUE);
		WRONG("of the executable", b->kind = BINDING_EXECUTABLE);
	}
	if (!good.weak)
		WRONG("left at zero", b->kind = BINDING_ZERO);
	if (!good.plt)
		WRONG("left lazy", b->kind = BINDING_LAZY);
	b->kind = BINDING_RESIDUAL;
	if (good.kind != BINDING_EXECUTABLE)
		expect(m, member, 0, "left to ld.so");
	*b = good;
}

static void change_fixups(struct mapping *m)
{
	for (size_t i = 0; i < m->fixup_count; i++) {
		const struct fixup good = m->fixups[i];

		m->fixups[i].value += 1;
		expect(m, good.member, 1, "value of the executable");
		m->fixups[i] = good;
		m->fixups[i].binding = UINT32_MAX;
		expect(m, good.member, 1, "binding of a fixup");
		m->fixups[i] = good;
	}
	if (m->fixup_count) {
		m->fixup_count--;
		expect(m, 0, 1, "a fixup less");
		m->fixup_count++;
	}
}

static void test(struct mapping *m)
{
	for (size_t i = 0; i < m->member_count; i++) {
		struct member *from = &m->members[i];

		expect(m, i, 0, "as resolved");
		for (size_t k = 0; k < from->binding_count; k += from->binding_count > 300 ? 7 : 1)
			change_one(m, i, &from->bindings[k]);
		if (!from->binding_count)
			continue;
		from->binding_count--;
		expect(m, i, 1, "a binding less");
		from->binding_count++;
	}
	change_fixups(m);
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_INIT;
	struct err e = ERR_INIT;
	struct resolver *r;
	struct mapping m;

	if (argc != 2 || resolver_open(&r, &(struct resolver_options){.root = ""}, &e) < 0 ||
	    resolve_program(r, argv[1], 0, &arena, &m, &e) < 0 || m.reason)
		return fprintf(stderr, "%s %s\n", e.text, argc > 1 ? argv[1] : ""), 2;
	test(&m);
	printf("%u passed, %u failed\n", passed, failed);
	arena_release(&arena);
	resolver_close(r);
	return failed != 0;
}
