/*
 * Providers: what LD_DEBUG=bindings told against the mapping.
 *
 * ld.so prints one line per lookup:
 *
 *	PID:	binding file REQUIRER [0] to PROVIDER [0]: normal symbol `NAME' [VERSION]
 *
 * Both sides become sets of (requirer, symbol, version) -> providers.  A
 * reference may have two: what a COPY finds is another object's than what other
 * relocations of the same symbol find.  What binds to itself without lookup is
 * in no line; what ld.so looks up for itself is in no mapping.
 */
#include "matr/verify.h"

#include "common/names.h"
#include "image/loader_path.h"

#include "matr/matr.h"

#include <stdlib.h>
#include <string.h>

/* One answer. */
struct answer {
	const char *requirer, *symbol, *version; /* version "": none */
	const char *provider;
	bool self;     /* requirer and provider are one object: need not have been looked up */
	bool residual; /* ld.so decides at start, MatR only guesses: memory tells, not this */
};

struct answers {
	struct answer *all;
	size_t count, capacity;
};

bool verify_names_loader(const char *name)
{
	const char *path;

	for (unsigned n = 0; (path = matr_loader_path(n)); n++)
		if (strcmp(name, base_name(path)) == 0)
			return true;
	return strcmp(name, MATR_SHIM_NAME) == 0;
}

/* The loader has several names; here it has one. */
#define LOADER "loader"

static const char *printed_name(const char *path)
{
	const char *n = base_name(path);

	return verify_names_loader(n) ? LOADER : path;
}

/* What PT_INTERP names may be a link: a mapping tells the file behind it. */
static const char *member_name(const struct member *m) { return m->is_loader ? LOADER : m->path; }

static int compare_keys(const struct answer *a, const struct answer *b)
{
	int c = strcmp(a->symbol, b->symbol);

	if (!c)
		c = strcmp(a->requirer, b->requirer);
	return c ? c : strcmp(a->version, b->version);
}

static int compare_answers(const void *x, const void *y)
{
	const struct answer *a = x, *b = y;
	int c = compare_keys(a, b);

	if (!c)
		c = strcmp(a->provider, b->provider);
	return c ? c : a->residual - b->residual;
}

static void add(struct answers *s, struct answer a)
{
	s->all = array_grow(s->all, s->count, &s->capacity, sizeof(a));
	s->all[s->count++] = a;
}

/* Cuts `text` at the first `mark` and returns what stands behind it; NULL: it is not there. */
static char *cut(char *text, const char *mark)
{
	char *at = strstr(text, mark);

	if (!at)
		return NULL;
	*at = '\0';
	return at + strlen(mark);
}

/* "... binding file A [0] to B [0]: normal symbol `S' [V]" into its pieces. */
static bool parse_line(char *line, struct answer *a)
{
	char *requirer = strstr(line, "binding file "), *provider, *symbol, *version;

	if (!requirer)
		return false;
	requirer += strlen("binding file ");
	provider = cut(requirer, " [0] to ");
	symbol = provider ? cut(provider, " [0]: ") : NULL;
	symbol = symbol ? cut(symbol, " symbol `") : NULL;
	version = symbol ? cut(symbol, "'") : NULL;
	if (!version)
		return false;
	version = strchr(version, '[');
	if (version) {
		version++;
		version[strcspn(version, "]")] = '\0';
	}
	*a = (struct answer){
	    .requirer = printed_name(requirer),
	    .symbol = symbol,
	    .version = version ? version : "",
	    .provider = printed_name(provider),
	};
	return true;
}

static void read_talk(struct answers *s, char *talk)
{
	struct answer a;
	char *next;

	for (char *line = talk; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (parse_line(line, &a))
			add(s, a);
	}
}

static void read_mapping(struct answers *s, const struct mapping *m)
{
	for (size_t i = 0; i < m->member_count; i++) {
		const struct member *member = &m->members[i];

		for (size_t n = 0; n < member->binding_count; n++) {
			const struct binding *b = &member->bindings[n];

			bool residual = b->kind == BINDING_RESIDUAL;
			bool bound = b->provider != PROVIDER_NONE;

			if (!b->symbol || (!bound && !residual))
				continue;
			add(s, (struct answer){
				   .requirer = member_name(member),
				   .symbol = b->symbol,
				   .version = b->version ? b->version : "",
				   .provider = bound ? member_name(&m->members[b->provider]) : "",
				   .self = b->provider == i,
				   .residual = residual,
			       });
		}
	}
}

static void sort_unique(struct answers *s)
{
	size_t kept = 0;

	if (s->count)
		qsort(s->all, s->count, sizeof(*s->all), compare_answers);
	for (size_t i = 0; i < s->count; i++) {
		if (kept && compare_answers(&s->all[kept - 1], &s->all[i]) == 0)
			continue;
		s->all[kept++] = s->all[i];
	}
	s->count = kept;
}

/*
 * Lookups that ld.so makes for itself, in the name of the program, the vdso or
 * itself: who allocates, and (since 2.35) who has a copy of _r_debug.
 */
static bool is_own_lookup(const struct answer *a, const struct mapping *m)
{
	static const char *const names[] = {"malloc", "calloc", "realloc", "free", "_r_debug"};

	if (strcmp(a->requirer, LOADER) == 0 || strncmp(a->requirer, "linux-vdso", 10) == 0)
		return true;
	if (strcmp(a->requirer, m->path) != 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(a->symbol, names[i]) == 0)
			return true;
	return false;
}

static void report(const struct answer *stock, const struct answer *matr, struct verify_report *r)
{
	const struct answer *key = stock ? stock : matr;

	verify_differ(r, &(struct verify_difference){
			     .object = key->requirer,
			     .symbol = arena_printf(r->arena, "%s%s%s", key->symbol,
						    *key->version ? "@" : "", key->version),
			     .what = "provider",
			     .stock = stock ? stock->provider : "not bound",
			     .matr = matr ? matr->provider : "not bound",
			 });
}

/* End of the run of equal keys that begins at `i`. */
static size_t run_end(const struct answers *s, size_t i)
{
	size_t end = i;

	while (end < s->count && compare_keys(&s->all[i], &s->all[end]) == 0)
		end++;
	return end;
}

static const struct answer *find(const struct answers *s, size_t from, size_t to,
				 const struct answer *a)
{
	for (size_t i = from; i < to; i++)
		if (strcmp(s->all[i].provider, a->provider) == 0)
			return &s->all[i];
	return NULL;
}

/* Both sides, and what they are about. */
struct sides {
	struct answers stock, matr;
	const struct mapping *mapping;
	struct verify_report *report;
};

static bool has_residual(const struct answers *s, const size_t run[2])
{
	for (size_t i = run[0]; i < run[1]; i++)
		if (s->all[i].residual)
			return true;
	return false;
}

/* One key on both sides: the same set of providers? */
static void compare_run(const struct sides *x, const size_t s[2], const size_t m[2])
{
	const struct answers *stock = &x->stock, *matr = &x->matr;
	struct verify_report *r = x->report;

	if (has_residual(matr, m))
		return;
	r->result->providers += m[1] - m[0];
	for (size_t i = m[0]; i < m[1]; i++)
		if (!matr->all[i].self && !find(stock, s[0], s[1], &matr->all[i]))
			report(&stock->all[s[0]], &matr->all[i], r);
	for (size_t i = s[0]; i < s[1]; i++)
		if (!find(matr, m[0], m[1], &stock->all[i]) &&
		    !is_own_lookup(&stock->all[i], x->mapping))
			report(&stock->all[i], &matr->all[m[0]], r);
}

static void compare(const struct sides *x)
{
	const struct answers *stock = &x->stock, *matr = &x->matr;
	size_t s[2] = {0, 0}, m[2] = {0, 0};

	while (s[0] < stock->count || m[0] < matr->count) {
		int order = s[0] == stock->count ? 1
			    : m[0] == matr->count
				? -1
				: compare_keys(&stock->all[s[0]], &matr->all[m[0]]);

		s[1] = order <= 0 ? run_end(stock, s[0]) : s[0];
		m[1] = order >= 0 ? run_end(matr, m[0]) : m[0];
		if (order == 0)
			compare_run(x, s, m);
		else if (order < 0 && !is_own_lookup(&stock->all[s[0]], x->mapping))
			report(&stock->all[s[0]], NULL, x->report);
		else if (order > 0 && !matr->all[m[0]].self && !matr->all[m[0]].residual)
			report(NULL, &matr->all[m[0]], x->report);
		s[0] = s[1];
		m[0] = m[1];
	}
}

void verify_providers(const struct mapping *m, char *talk, struct verify_report *r)
{
	struct sides x = {.mapping = m, .report = r};

	read_talk(&x.stock, talk);
	/* Some builds of glibc 2.36 have no such lines at all. */
	if (x.stock.count) {
		read_mapping(&x.matr, m);
		sort_unique(&x.stock);
		sort_unique(&x.matr);
		compare(&x);
	}
	free(x.stock.all);
	free(x.matr.all);
}
