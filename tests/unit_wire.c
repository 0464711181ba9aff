/* What a worker answers, cut and changed in every way: it is refused, or says nothing that is not so. */
#include "epochd/wire.h"
#include "matr-ld/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct resolver *resolver;

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static int read_answer(const void *from, size_t bytes, struct arena *a, struct answer *out)
{
	const struct wire_reading r = {
		.resolver = resolver, .arena = a, .from = from, .bytes = bytes, .bindings = true};

	return wire_read(&r, out, NULL);
}

/* Every provider has the very name that was asked for. */
static void check_names(const struct mapping *m)
{
	for (size_t i = 0; i < m->member_count; i++)
		for (size_t k = 0; k < m->members[i].binding_count; k++) {
			const struct binding *b = &m->members[i].bindings[k];
			const struct object *o;

			if (b->provider == PROVIDER_NONE)
				continue;
			if (b->provider >= m->member_count)
				die("a provider that is no member");
			o = m->members[b->provider].object;
			if (strcmp(b->symbol, object_symbol_name(o, b->provider_symbol)))
				die("a provider of another name");
		}
}

static void compare(const struct mapping *a, const struct mapping *b)
{
	if (a->member_count != b->member_count || a->fixup_count != b->fixup_count ||
	    a->lazy_left != b->lazy_left || strcmp(a->path, b->path))
		die("what is read is not what was written");
	for (size_t i = 0; i < a->member_count; i++)
		for (size_t k = 0; k < a->members[i].binding_count; k++)
			if (memcmp(&a->members[i].bindings[k], &b->members[i].bindings[k],
				   sizeof(struct binding)))
				die("a binding is not what was written");
}

static unsigned next_random(void)
{
	static unsigned long state = 88172645463325252ul;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 16);
}

static unsigned change(const char *bytes, size_t size, size_t most)
{
	char *copy = memcpy(xmalloc(size), bytes, size);
	struct arena arena = ARENA_INIT;
	struct answer out = {0};
	unsigned good;

	for (unsigned n = 1 + next_random() % 3; n; n--)
		copy[next_random() % most] = (char)next_random();
	good = read_answer(copy, size, &arena, &out) == 0;
	if (good)
		check_names(&out.mapping);
	arena_release(&arena);
	free(copy);
	return good;
}

static void cut(const char *bytes, size_t size)
{
	for (size_t n = 0; n < size; n += 1 + n / 64) {
		char *copy = memcpy(xmalloc(n), bytes, n);
		struct arena arena = ARENA_INIT;
		struct answer out;

		if (read_answer(copy, n, &arena, &out) == 0)
			die("a cut answer is taken");
		arena_release(&arena);
		free(copy);
	}
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_INIT;
	struct answer in = {0}, out;
	char *bytes = xmalloc(1 << 24);
	unsigned taken = 0;
	size_t size;

	if (argc != 2 || resolver_open(&resolver, &(struct resolver_options){0}, NULL) < 0 ||
	    resolve_program(resolver, argv[1], 0, &arena, &in.mapping, NULL) < 0)
		die("cannot resolve");
	size = wire_write(&in, bytes, 1 << 24);
	if (!size || wire_write(&in, bytes, size - 1) || read_answer(bytes, size, &arena, &out) < 0)
		die("an honest answer is refused");
	compare(&in.mapping, &out.mapping);
	cut(bytes, size);
	for (unsigned i = 0; i < 6000; i++)
		taken += change(bytes, size, i % 2 ? size : 2000);
	if (taken > 3000)
		die("most lies are taken");
	arena_release(&arena);
	free(bytes);
	resolver_close(resolver);
	return 0;
}
